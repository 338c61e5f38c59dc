import Resilience
import Synchronization
import Testing

@Suite("A circuit breaker")
struct CircuitBreakerTests {
    let time = ManualTime()

    func breaker(
        _ settings: CircuitBreakerSettings = .init(cooldown: .seconds(1)),
        onTransition: @escaping @Sendable (CircuitBreakerTransition) -> Void = { _ in }
    ) -> CircuitBreaker {
        CircuitBreaker(name: "cache", settings: settings, now: time.source.now, onTransition: onTransition)
    }

    func call(_ breaker: CircuitBreaker, _ outcome: CallOutcome, times: Int = 1) throws {
        for _ in 0..<times { breaker.record(outcome, for: try breaker.admit()) }
    }

    @Test("opens when half of at least five calls failed, not before")
    func opensAtThreshold() throws {
        let breaker = breaker()
        try call(breaker, .failure, times: 4)
        #expect(breaker.phase == .closed)
        try call(breaker, .failure)
        #expect(breaker.phase == .open)
        #expect(throws: CircuitBreakerOpenError(name: "cache", retryAfter: .seconds(1))) { try breaker.admit() }
        #expect(breaker.counters.refused == 1)
    }

    @Test("looks at the latest calls only")
    func slidingWindow() throws {
        let breaker = breaker(.init(windowSize: 10))
        try call(breaker, .success, times: 100)
        try call(breaker, .failure, times: 4)
        #expect(breaker.phase == .closed)
        #expect(breaker.failureRate == 0.4)
        try call(breaker, .failure)
        #expect(breaker.phase == .open)
    }

    @Test("forgets failures that left the window")
    func forgets() throws {
        let breaker = breaker(.init(windowSize: 10))
        try call(breaker, .success, times: 10)
        try call(breaker, .failure, times: 4)
        try call(breaker, .success, times: 10)
        #expect(breaker.failureRate == 0)
    }

    @Test("takes no notice of calls that learned nothing")
    func ignoresIgnored() throws {
        let breaker = breaker()
        try call(breaker, .ignored, times: 100)
        #expect(breaker.phase == .closed)
        #expect(breaker.failureRate == 0)
    }

    @Test("lets one probe through after the cooldown, and closes when it succeeds")
    func probes() throws {
        let breaker = breaker()
        try call(breaker, .failure, times: 5)
        time.advance(by: .milliseconds(999))
        #expect(throws: CircuitBreakerOpenError.self) { try breaker.admit() }
        time.advance(by: .milliseconds(1))
        let probe = try breaker.admit()
        #expect(probe.isProbe)
        #expect(breaker.phase == .halfOpen)
        #expect(throws: CircuitBreakerOpenError.self) { try breaker.admit() }
        breaker.record(.success, for: probe)
        #expect(breaker.phase == .closed)
        #expect(breaker.counters == .init(opened: 1, halfOpened: 1, closed: 1, refused: 2))
    }

    @Test("opens again when the probe fails, for another whole cooldown")
    func failedProbe() throws {
        let breaker = breaker()
        try call(breaker, .failure, times: 5)
        time.advance(by: .seconds(1))
        try call(breaker, .failure)
        #expect(breaker.phase == .open)
        time.advance(by: .milliseconds(999))
        #expect(throws: CircuitBreakerOpenError.self) { try breaker.admit() }
    }

    @Test("is not stuck by a probe that never reports, and ignores it when it reports late")
    func lostProbe() throws {
        let causes = Mutex<[CircuitBreakerTransition.Cause]>([])
        let breaker = breaker(.init(cooldown: .seconds(1), probeTimeout: .seconds(2))) { transition in
            causes.withLock { $0.append(transition.cause) }
        }
        try call(breaker, .failure, times: 5)
        time.advance(by: .seconds(1))
        let lost = try breaker.admit()
        time.advance(by: .seconds(2))
        #expect(throws: CircuitBreakerOpenError(name: "cache", retryAfter: .seconds(1))) { try breaker.admit() }
        time.advance(by: .seconds(1))
        let second = try breaker.admit()
        breaker.record(.success, for: lost)
        #expect(breaker.phase == .halfOpen)
        breaker.record(.success, for: second)
        #expect(breaker.phase == .closed)
        #expect(
            causes.withLock { $0 } == [.failureRate, .cooldownOver, .probeLost, .cooldownOver, .probeSucceeded])
    }

    @Test("gives the next caller the probe that a cancelled one handed back")
    func abandonedProbe() throws {
        let breaker = breaker()
        try call(breaker, .failure, times: 5)
        time.advance(by: .seconds(1))
        try call(breaker, .ignored)
        #expect(try breaker.admit().isProbe)
    }

    @Test("ignores outcomes of calls admitted before its latest move")
    func lateOutcomes() throws {
        let breaker = breaker()
        let early = try (0..<20).map { _ in try breaker.admit() }
        try call(breaker, .failure, times: 5)
        time.advance(by: .seconds(1))
        try call(breaker, .success)
        for permit in early { breaker.record(.failure, for: permit) }
        #expect(breaker.phase == .closed)
        #expect(breaker.failureRate == 0)
    }

    @Test("opens on two failed pings in a row, and a ping may be its probe")
    func pings() throws {
        let breaker = breaker()
        for outcome in [CallOutcome.failure, .success, .failure] {
            breaker.record(outcome, for: breaker.admitPing())
        }
        #expect(breaker.phase == .closed)
        breaker.record(.failure, for: breaker.admitPing())
        #expect(breaker.phase == .open)
        breaker.record(.success, for: breaker.admitPing())
        #expect(breaker.phase == .open)
        time.advance(by: .seconds(1))
        let probe = breaker.admitPing()
        #expect(probe.isProbe)
        #expect(throws: CircuitBreakerOpenError.self) { try breaker.admit() }
        #expect(!breaker.admitPing().isProbe)
        breaker.record(.success, for: probe)
        #expect(breaker.phase == .closed)
    }

    @Test("never refuses when it is disabled")
    func disabled() throws {
        let breaker = breaker(.init(isEnabled: false))
        try call(breaker, .failure, times: 100)
        for _ in 0..<10 { breaker.record(.failure, for: breaker.admitPing()) }
        #expect(breaker.phase == .closed)
        #expect(breaker.counters == .init())
    }

    @Test("wraps a call: a cancelled one says nothing, a failed one counts")
    func wrapsCalls() async throws {
        struct Down: Error {}
        let breaker = breaker()
        for _ in 0..<10 {
            await #expect(throws: CancellationError.self) { try await breaker.call { throw CancellationError() } }
        }
        #expect(breaker.failureRate == 0)
        for _ in 0..<5 { await #expect(throws: Down.self) { try await breaker.call { throw Down() } } }
        await #expect(throws: CircuitBreakerOpenError.self) { try await breaker.call {} }
    }
}
