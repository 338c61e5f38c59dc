import Resilience
import Synchronization
import Testing

@Suite("A dependency monitor")
struct DependencyMonitorTests {
    let time = ManualTime()

    struct Down: Error {}

    @Test("opens the breaker of a silent dependency in under a second, and closes it after its return")
    func silentThenBack() async throws {
        let isSilent = Mutex(true)
        let moves = Mutex<[CircuitBreakerTransition]>([])
        let breaker = CircuitBreaker(
            name: "cache", settings: .init(cooldown: .seconds(1)), now: time.source.now,
            onTransition: { move in moves.withLock { $0.append(move) } })
        let source = time.source
        let monitor = DependencyMonitor(breaker: breaker, time: source) { deadline in
            // A silent dependency answers nothing, and the driver gives up at the deadline.
            guard isSilent.withLock({ $0 }) else { return }
            try await source.sleep(deadline)
            throw Down()
        }
        let start = time.now
        let task = Task { await monitor.run() }
        try await advance(until: "open") { breaker.phase == .open }
        let opened = try #require(moves.withLock { $0.first })
        #expect(opened.cause == .pingsFailed)
        #expect(opened.at - start <= .seconds(1))
        isSilent.withLock { $0 = false }
        try await advance(until: "closed") { breaker.phase == .closed }
        let closed = try #require(moves.withLock { $0.last })
        #expect(closed.at - opened.at <= .seconds(2))
        task.cancel()
        await task.value
    }

    @Test("is not held up by a ping that hears neither deadline nor cancellation, and starts no second")
    func deafPing() async throws {
        let starts = Mutex(0)
        let never = AsyncStream<Void>.makeStream()
        let breaker = CircuitBreaker(name: "cache", now: time.source.now)
        let monitor = DependencyMonitor(breaker: breaker, time: time.source) { _ in
            starts.withLock { $0 += 1 }
            // An unstructured task does not hear that the one around it was cancelled.
            await Task { for await _ in never.stream {} }.value
        }
        let task = Task { await monitor.run() }
        try await advance(until: "open") { breaker.phase == .open }
        #expect(starts.withLock { $0 } == 1)
        task.cancel()
        await task.value
        never.continuation.finish()
    }

    /// Moves the clock on whenever everybody sleeps.
    func advance(until what: String, _ condition: () -> Bool) async throws {
        try await eventually(what) {
            if condition() { return true }
            if time.sleepers > 0 { time.advance(by: .milliseconds(5)) }
            return false
        }
    }
}
