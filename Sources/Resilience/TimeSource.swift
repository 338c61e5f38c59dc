/// Where this module takes its time from: passed in, so that tests can own it.
///
/// This file is the module's one live environment; nothing else in it reads a clock or sleeps.
public struct TimeSource: Sendable {
    /// The present instant of the monotonic clock.
    public let now: @Sendable () -> ContinuousClock.Instant
    /// Returns at the given instant; throws `CancellationError` when the task is cancelled before it.
    public let sleep: @Sendable (_ until: ContinuousClock.Instant) async throws -> Void

    /// Makes a source of time from its two functions.
    public init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (_ until: ContinuousClock.Instant) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's own monotonic clock.
    public static let live = TimeSource(
        now: { ContinuousClock().now },
        sleep: { try await ContinuousClock().sleep(until: $0) })
}
