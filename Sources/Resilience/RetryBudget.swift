/// Bounds retries by the traffic they ride on, so that they cannot multiply an outage: each first attempt earns a
/// fraction of a retry, each retry costs a whole one.
///
/// After Finagle's `RetryBudget` and Google's *Site Reliability Engineering*, ch. 21 "Handling Overload" (a budget of
/// 10 % of requests per client).
public struct RetryBudget: Sendable, Hashable {
    /// Retries earned by one first attempt.
    public let retriesPerCall: Double
    /// How many retries may be saved up; also what it starts with, so that a quiet client may retry at all.
    public let capacity: Double
    /// Retries that may be made now.
    public private(set) var balance: Double

    /// A full budget.
    public init(retriesPerCall: Double = 0.1, capacity: Double = 10) {
        self.retriesPerCall = max(retriesPerCall, 0)
        self.capacity = max(capacity, 0)
        self.balance = self.capacity
    }

    /// A first attempt is made.
    public mutating func deposit() { balance = min(balance + retriesPerCall, capacity) }

    /// A retry wants to be made.
    /// - Returns: whether it may be.
    public mutating func withdraw() -> Bool {
        // A tenth is no binary fraction: ten deposits have to buy one retry all the same.
        guard balance >= 1 - 1e-9 else { return false }
        balance = max(balance - 1, 0)
        return true
    }
}
