import Synchronization

/// Whether, and after which delay, a failed attempt is made again.
///
/// Shared by the calls of one dependency, since they share its budget.
public final class RetryPolicy: Sendable {
    private struct Guarded: Sendable {
        var budget: RetryBudget
        var random: any RandomNumberGenerator & Sendable
        var retries = 0
    }

    /// How many attempts may follow the first.
    public let maximumRetries: Int
    private let backoff: Backoff
    private let time: TimeSource
    private let guarded: Mutex<Guarded>

    /// Makes a policy.
    /// - Parameters:
    ///   - maximumRetries: how many attempts may follow the first, 0 to 100.
    ///   - random: draws the jitter; seeded where runs have to repeat.
    public init(
        maximumRetries: Int = 3, backoff: Backoff = .init(), budget: RetryBudget = .init(),
        random: any RandomNumberGenerator & Sendable, time: TimeSource = .live
    ) {
        self.maximumRetries = min(max(maximumRetries, 0), 100)
        self.backoff = backoff
        self.time = time
        self.guarded = Mutex(Guarded(budget: budget, random: random))
    }

    /// How many retries have been granted so far.
    public var retries: Int { guarded.withLock { $0.retries } }

    /// Call once before each first attempt: it pays into the budget.
    public func willCall() { guarded.withLock { $0.budget.deposit() } }

    /// Decides what follows a failed attempt that is safe to repeat.
    /// - Parameters:
    ///   - attempt: counts from 1.
    ///   - deadline: a delay that would end at or past it is not worth waiting for.
    /// - Returns: when to try again, or nil to give up.
    public func nextAttempt(
        afterAttempt attempt: Int, deadline: ContinuousClock.Instant
    ) -> ContinuousClock.Instant? {
        guard attempt <= maximumRetries else { return nil }
        let now = time.now()
        return guarded.withLock { guarded in
            let instant = now + backoff.delay(afterAttempt: attempt, using: &guarded.random)
            guard instant < deadline, guarded.budget.withdraw() else { return nil }
            guarded.retries += 1
            return instant
        }
    }

    /// Makes a call, again if it fails in a way that is safe to repeat and the limits allow it.
    /// - Parameters:
    ///   - isRetryable: whether an error leaves nothing behind, so that trying again is safe.
    ///   - body: gets the attempt's number, from 1.
    /// - Throws: the last attempt's error, or `CancellationError` when cancelled between two attempts.
    public func run<Value>(
        deadline: ContinuousClock.Instant, isRetryable: (any Error) -> Bool,
        isolation: isolated (any Actor)? = #isolation, _ body: (_ attempt: Int) async throws -> Value
    ) async throws -> Value {
        willCall()
        var attempt = 1
        while true {
            do {
                return try await body(attempt)
            } catch {
                guard isRetryable(error), let instant = nextAttempt(afterAttempt: attempt, deadline: deadline) else {
                    throw error
                }
                try await time.sleep(instant)
                attempt += 1
            }
        }
    }
}
