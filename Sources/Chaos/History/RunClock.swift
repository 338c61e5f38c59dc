/// The time of one run: nanoseconds since its start on a monotonic clock. Everything in a history, in the metrics and
/// in the faults' observations is on this one axis.
public struct RunClock: Sendable {
    /// Nanoseconds since the run began.
    public let now: @Sendable () -> Int64
    /// Returns when the run's time has reached the given nanoseconds, or throws when the task is cancelled.
    public let sleep: @Sendable (_ until: Int64) async throws -> Void
    /// The wall clock's time at a moment of the run, in seconds since 1970; for file names and reports only.
    public let wallStart: Double

    public init(
        now: @escaping @Sendable () -> Int64, sleep: @escaping @Sendable (Int64) async throws -> Void, wallStart: Double
    ) {
        self.now = now
        self.sleep = sleep
        self.wallStart = wallStart
    }

    /// A clock that starts at 0 now.
    public static func start<C: Clock>(_ clock: C, wallStart: Double) -> RunClock where C.Duration == Duration {
        let origin = clock.now
        return RunClock(
            now: { origin.duration(to: clock.now).nanoseconds },
            sleep: { try await clock.sleep(until: origin.advanced(by: .nanoseconds($0)), tolerance: .zero) },
            wallStart: wallStart)
    }

    /// Pauses for this long.
    public func pause(_ duration: Duration) async throws {
        try await sleep(now() + duration.nanoseconds)
    }
}

extension Duration {
    /// Whole nanoseconds, rounded towards zero. Durations in this package stay far under the 292 years that fit.
    public var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }

    public var milliseconds: Double { Double(nanoseconds) / 1_000_000 }
}
