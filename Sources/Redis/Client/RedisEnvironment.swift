/// What the client takes from outside, so that tests can give it other clocks and dice. The only place of this module
/// that names the real ones.
struct RedisEnvironment: Sendable {
    var now: @Sendable () -> ContinuousClock.Instant
    /// A number from 0 up to, not including, 1.
    var random: @Sendable () -> Double

    static let live = RedisEnvironment(now: { ContinuousClock.now }, random: { .random(in: 0..<1) })
}
