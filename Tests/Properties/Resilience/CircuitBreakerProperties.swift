import Generators
import Resilience
import Testing

/// Invariant 10 of docs/CONTRACT.md, for every order of events.
@Suite("A breaker, whatever happens in whatever order")
struct CircuitBreakerProperties {
    @Test("moves only closed, open, half-open, closed or open; probes one at a time; is never stuck; misjudges nothing")
    func isLegal() async throws {
        let settings = zip(
            Generator<Int>.int(in: 1...20), Generator<Int>.int(in: 1...5), Generator<Int>.int(in: 1...3)
        ).map { windowSize, minimumCalls, failedPings in
            CircuitBreakerSettings(
                windowSize: windowSize, minimumCalls: minimumCalls, cooldown: .milliseconds(100),
                probeTimeout: .milliseconds(50), failedPingsToOpen: failedPings)
        }
        let events = Generator.array(of: BreakerEvent.generator, count: 0...120)
        try await check(zip(settings, events), count: 400) { settings, events in
            var bench = BreakerBench(settings: settings)
            for event in events { try bench.take(event) }
            try bench.checkNotStuck()
        }
    }

    @Test("a disabled one never refuses and never moves")
    func disabled() async throws {
        try await check(Generator.array(of: BreakerEvent.generator, count: 0...100), count: 100) { events in
            let settings = CircuitBreakerSettings(isEnabled: false, minimumCalls: 1)
            var breaker = CircuitBreakerState(settings: settings)
            let now = ContinuousClock.now
            for _ in events {
                let decision = breaker.admit(at: now)
                guard let permit = decision.permit else { throw PropertyFailure(message: "it refused") }
                try ensure(breaker.record(.failure, for: permit, at: now).isEmpty, "it moved")
            }
        }
    }
}

enum BreakerEvent: Sendable {
    case call
    case ping
    /// The outcome of one of the calls and pings under way.
    case outcome(of: Int, CallOutcome)
    /// The same outcome for the next few calls in a row.
    case burst(CallOutcome, count: Int)
    case wait(milliseconds: Int)

    static var generator: Generator<BreakerEvent> {
        let outcome = Generator<CallOutcome>.element(of: [.success, .failure, .ignored])
        return .frequency([
            (4, .always(.call)),
            (2, .always(.ping)),
            (6, zip(.int(in: 0...9), outcome).map { .outcome(of: $0, $1) }),
            (2, zip(outcome, .int(in: 1...25)).map { .burst($0, count: $1) }),
            (2, Generator<Int>.int(in: 1...120).map { .wait(milliseconds: $0) }),
        ])
    }
}
