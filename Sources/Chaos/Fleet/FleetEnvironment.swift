import Foundation

/// Everything the fleet takes from outside: clocks, randomness, the caller's variables. Tests pass their own.
public struct FleetEnvironment: Sendable {
    /// The monotonic clock.
    public var now: @Sendable () -> ContinuousClock.Instant
    /// Waits; throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// Wall clock, only for what people read: `since` and `until` of a fault.
    public var wallClock: @Sendable () -> Date
    /// 64 random bits.
    public var random: @Sendable () -> UInt64
    /// The caller's environment variables.
    public var variables: [String: String]

    /// Makes an environment from its functions.
    public init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        wallClock: @escaping @Sendable () -> Date, random: @escaping @Sendable () -> UInt64, variables: [String: String]
    ) {
        self.now = now
        self.sleep = sleep
        self.wallClock = wallClock
        self.random = random
        self.variables = variables
    }

    /// The machine's own.
    public static let live = FleetEnvironment(
        now: { ContinuousClock().now },
        sleep: { try await ContinuousClock().sleep(for: $0) },
        wallClock: { Date() },
        random: { UInt64.random(in: .min ... .max) },
        variables: ProcessInfo.processInfo.environment)
}
