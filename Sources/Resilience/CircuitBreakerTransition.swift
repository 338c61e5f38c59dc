/// The three positions of a circuit breaker.
public enum CircuitBreakerPhase: String, Sendable, Hashable, CaseIterable, Codable {
    /// Calls pass.
    case closed
    /// One call at a time passes, to find out.
    case halfOpen = "half-open"
    /// Calls are refused.
    case open
}

/// One move of a breaker from a position to another.
public struct CircuitBreakerTransition: Sendable, Hashable {
    /// Why a breaker moved.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// Too many of the latest calls failed.
        case failureRate = "failure-rate"
        /// Several health pings in a row failed.
        case pingsFailed = "pings-failed"
        /// The cooldown was over and somebody asked.
        case cooldownOver = "cooldown-over"
        /// The probe was answered well.
        case probeSucceeded = "probe-succeeded"
        /// The probe was answered badly.
        case probeFailed = "probe-failed"
        /// The probe was not answered in time.
        case probeLost = "probe-lost"
    }

    /// Counts a breaker's moves from 1; handlers on other threads may see them out of order, and can sort by it.
    public let number: UInt64
    /// Where it stood.
    public let from: CircuitBreakerPhase
    /// Where it stands now.
    public let to: CircuitBreakerPhase
    /// Why it moved.
    public let cause: Cause
    /// When it moved, on the monotonic clock.
    public let at: ContinuousClock.Instant
}

/// The right to make one call; hand it back with the outcome, exactly once.
public struct CircuitBreakerPermit: Sendable, Hashable {
    /// The number of the latest transition when the call was admitted.
    let generation: UInt64
    /// Set when the breaker's next move hangs on this call.
    let probe: UInt64?
    let isPing: Bool

    /// Whether the breaker's next move hangs on this call.
    public var isProbe: Bool { probe != nil }
}

/// A call was refused because its dependency is known to be down: nothing was sent.
public struct CircuitBreakerOpenError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The breaker's name.
    public let name: String
    /// When to try again, at the earliest.
    public let retryAfter: Duration

    /// Makes the error.
    public init(name: String, retryAfter: Duration) {
        self.name = name
        self.retryAfter = retryAfter
    }

    /// Says which dependency is refused, and for how long.
    public var description: String {
        "\(name) is not being called: its circuit breaker is open; try again after \(retryAfter)"
    }
}
