/// What the client takes from the world besides sockets: time and chance. Tests pass their own.
public struct PostgresEnvironment: Sendable {
    /// The moment it is; it never goes back.
    public var now: @Sendable () -> ContinuousClock.Instant
    /// A number drawn evenly from 0 up to 1.
    public var random: @Sendable () -> Double

    /// Makes an environment from its functions.
    public init(now: @escaping @Sendable () -> ContinuousClock.Instant, random: @escaping @Sendable () -> Double) {
        self.now = now
        self.random = random
    }

    /// The machine's monotonic clock and random generator.
    public static let live = PostgresEnvironment(now: { ContinuousClock().now }, random: { Double.random(in: 0..<1) })
}
