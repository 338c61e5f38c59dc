import Generators
import Resilience
import Testing

@Suite("Retries")
struct RetryTests {
    struct Down: Error {}

    @Test("the bound of the delay doubles up to the cap and never overflows")
    func bounds() {
        let backoff = Backoff(base: .milliseconds(100), cap: .seconds(1))
        let bounds = (1...5).map { backoff.bound(afterAttempt: $0) }
        #expect(
            bounds == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800), .seconds(1)])
        #expect(backoff.bound(afterAttempt: .max) == .seconds(1))
    }

    @Test("delays are spread over the whole of the bound, and repeat with their seed")
    func jitter() {
        let backoff = Backoff(base: .milliseconds(100), cap: .seconds(1))
        func delays() -> [Duration] {
            var random = SplitMix64(seed: 7)
            return (0..<1000).map { _ in backoff.delay(afterAttempt: 3, using: &random) }
        }
        let first = delays()
        #expect(first == delays())
        #expect(first.allSatisfy { $0 >= .zero && $0 <= .milliseconds(400) })
        #expect(first.contains { $0 < .milliseconds(40) })
        #expect(first.contains { $0 > .milliseconds(360) })
    }

    @Test("a budget pays one retry for ten calls once its savings are spent")
    func budget() {
        var budget = RetryBudget(retriesPerCall: 0.1, capacity: 2)
        func granted(_ tries: Int) -> [Bool] { (0..<tries).map { _ in budget.withdraw() } }
        #expect(granted(3) == [true, true, false])
        for _ in 0..<9 { budget.deposit() }
        #expect(granted(1) == [false])
        budget.deposit()
        #expect(granted(2) == [true, false])
    }

    @Test("a call is tried again until it succeeds")
    func succeedsInTheEnd() async throws {
        let policy = RetryPolicy(backoff: .init(base: .milliseconds(1)), random: SplitMix64(seed: 1))
        let always: (any Error) -> Bool = { _ in true }
        let attempts = try await policy.run(deadline: .now + .seconds(60), isRetryable: always) { attempt in
            if attempt < 3 { throw Down() }
            return attempt
        }
        #expect(attempts == 3)
        #expect(policy.retries == 2)
    }

    @Test("a call is not tried again when that is unsafe, too often, or too late")
    func givesUp() async throws {
        let policy = RetryPolicy(maximumRetries: 2, backoff: .init(base: .zero), random: SplitMix64(seed: 1))
        func attempts(deadline: ContinuousClock.Instant = .now + .seconds(60), retryable: Bool = true) async -> Int {
            var attempts = 0
            let isRetryable: (any Error) -> Bool = { _ in retryable }
            _ = try? await policy.run(deadline: deadline, isRetryable: isRetryable) { attempt in
                attempts = attempt
                throw Down()
            }
            return attempts
        }
        #expect(await attempts(retryable: false) == 1)
        #expect(await attempts() == 3)
        #expect(await attempts(deadline: .now) == 1)
    }
}
