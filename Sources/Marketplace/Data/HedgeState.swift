import Resilience

/// When a read that takes long is sent to a second node as well (Dean and Barroso, "The Tail at Scale", 2013): after
/// the time within which 95 % of such reads are answered, and for at most one read in twenty.
struct HedgeState: Sendable {
    /// What is measured apart, since one is much slower than the other.
    enum Kind: Int, Sendable, CaseIterable {
        case point, list
    }

    /// Of all reads, besides what was saved up.
    static let share = 0.05
    /// What a quiet time may save up.
    static let savedUp = 10.0
    /// Sooner than this a second request costs more than it can save.
    static let minimumDelay = Duration.milliseconds(1)

    private var latencies = Kind.allCases.map { _ in LatencyQuantile(0.95) }
    private var budget = RetryBudget(retriesPerCall: share, capacity: savedUp)

    /// A read begins.
    /// - Returns: how long to wait for its answer before a second node is asked; nil while nobody can say, or nothing
    ///   is left of the budget.
    mutating func began(_ kind: Kind) -> Duration? {
        budget.deposit()
        guard budget.balance >= 1, let usual = latencies[kind.rawValue].estimate else { return nil }
        return max(usual, Self.minimumDelay)
    }

    /// The wait is over.
    /// - Returns: whether the second request may be sent; it is paid for then.
    mutating func take() -> Bool {
        budget.withdraw()
    }

    /// One node's answer took this long, or it was left after as much.
    mutating func record(_ latency: Duration, _ kind: Kind) {
        latencies[kind.rawValue].record(latency)
    }
}
