/// The time of one run: nanoseconds since its start on a monotonic clock. Everything in a history, in the metrics and
/// in the faults' observations is on this one axis.
public struct RunClock: Sendable {
    /// The instant at which the run's time is 0.
    public let origin: ContinuousClock.Instant
    private let environment: FleetEnvironment

    /// A clock that starts now.
    public init(_ environment: FleetEnvironment = .live) {
        self.origin = environment.now()
        self.environment = environment
    }

    /// Nanoseconds since the run began.
    public func now() -> Int64 { origin.duration(to: environment.now()).nanoseconds }

    /// Pauses for this long; returns at once when it is not positive.
    /// - Throws: `CancellationError` when the task is cancelled.
    public func pause(_ duration: Duration) async throws {
        if duration > .zero { try await environment.sleep(duration) }
    }

    /// Pauses until the run's time has reached these nanoseconds.
    public func pause(until time: Int64) async throws {
        try await pause(.nanoseconds(time - now()))
    }
}
