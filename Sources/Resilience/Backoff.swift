/// How long to wait before each attempt after the first: exponential, with full jitter.
///
/// Every delay is drawn evenly from zero to the exponential bound. That spreads the retries of many clients best for
/// the work they cost: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
public struct Backoff: Sendable, Hashable {
    /// The bound of the first delay.
    public var base: Duration
    /// No delay is longer than this.
    public var cap: Duration

    /// Makes a back-off whose bound doubles with each attempt from `base` up to `cap`.
    public init(base: Duration = .milliseconds(100), cap: Duration = .seconds(10)) {
        self.base = max(base, .zero)
        self.cap = max(cap, .zero)
    }

    /// The longest delay that may follow a failed attempt.
    /// - Parameter attempt: counts from 1.
    public func bound(afterAttempt attempt: Int) -> Duration {
        // Doubling ends at the cap, so no attempt number can overflow or take long.
        var bound = min(base, cap)
        var doublings = max(attempt, 1) - 1
        while doublings > 0, bound > .zero, bound < cap {
            bound = min(bound * 2, cap)
            doublings -= 1
        }
        return bound
    }

    /// The delay that follows a failed attempt, evenly drawn from zero to its bound.
    /// - Parameter attempt: counts from 1.
    public func delay(afterAttempt attempt: Int, using random: inout some RandomNumberGenerator) -> Duration {
        bound(afterAttempt: attempt) * Double.random(in: 0...1, using: &random)
    }
}
