import Generators
import Resilience

/// A breaker beside a naive account of what it may do: it keeps whole lists where the breaker keeps bits and numbers.
struct BreakerBench {
    private struct Underway {
        let permit: CircuitBreakerPermit
        let isPing: Bool
        /// How many moves there had been when it was admitted.
        let admittedAfterMoves: Int
        let since: ContinuousClock.Instant
    }

    private let settings: CircuitBreakerSettings
    private var breaker: CircuitBreakerState
    private var now = ContinuousClock.now
    private var underway: [Underway] = []
    private var moves: [CircuitBreakerTransition] = []
    /// Since it was last closed, oldest first.
    private var outcomes: [CallOutcome] = []
    private var pings: [CallOutcome] = []

    init(settings: CircuitBreakerSettings) {
        self.settings = settings
        breaker = CircuitBreakerState(settings: settings)
    }

    mutating func take(_ event: BreakerEvent) throws {
        switch event {
        case .wait(let milliseconds): now += .milliseconds(milliseconds)
        case .call: try call()
        case .ping: try ping()
        case .outcome(let index, let outcome):
            guard !underway.isEmpty else { return }
            try record(outcome, underway.remove(at: index % underway.count))
        case .burst(let outcome, let count):
            for _ in 0..<count {
                let before = underway.count
                try call()
                if underway.count > before { try record(outcome, underway.removeLast()) }
            }
        }
    }

    /// However things stand, a call is let through once the longest waits are over, and its success closes the breaker.
    mutating func checkNotStuck() throws {
        now += settings.cooldown + settings.probeTimeout
        let before = underway.count
        try call()
        try ensure(underway.count == before + 1, "stuck \(breaker.phase): a call was refused after every wait was over")
        try record(.success, underway.removeLast())
        try ensure(breaker.phase == .closed, "stuck \(breaker.phase) after a call that went well")
    }

    private mutating func call() throws {
        let liveProbe = self.liveProbe
        let decision = breaker.admit(at: now)
        try note(decision.transitions)
        if let permit = decision.permit {
            try ensure(breaker.phase != .open, "a call was admitted while open")
            try ensure(permit.isProbe == (breaker.phase == .halfOpen), "a call is a probe if and only if half-open")
            if permit.isProbe { try ensure(liveProbe == nil, "a second probe was let through beside the first") }
            admit(permit, isPing: false)
        } else {
            try ensure(breaker.phase != .closed, "a call was refused while closed")
            try ensure(decision.retryAfter > .zero, "it is refused, but to be tried again at once")
            if breaker.phase == .halfOpen { try ensure(liveProbe != nil, "refused half-open without any probe") }
        }
    }

    private mutating func ping() throws {
        let liveProbe = self.liveProbe
        let (permit, transitions) = breaker.admitPing(at: now)
        try note(transitions)
        if permit.isProbe { try ensure(liveProbe == nil, "a ping became the second probe beside the first") }
        admit(permit, isPing: true)
    }

    private mutating func admit(_ permit: CircuitBreakerPermit, isPing: Bool) {
        underway.append(Underway(permit: permit, isPing: isPing, admittedAfterMoves: moves.count, since: now))
    }

    /// The probe that has neither reported nor been given up for lost.
    private var liveProbe: Underway? {
        underway.first {
            $0.permit.isProbe && $0.admittedAfterMoves == moves.count && now < $0.since + settings.probeTimeout
        }
    }

    private mutating func record(_ outcome: CallOutcome, _ call: Underway) throws {
        let phase = breaker.phase
        let rate = breaker.failureRate
        let movesBefore = moves.count
        let wasLive = call.permit.isProbe && now < call.since + settings.probeTimeout
        try note(breaker.record(outcome, for: call.permit, at: now))
        guard call.admittedAfterMoves == movesBefore else {
            let isLost = moves.count == movesBefore || moves.last?.cause == .probeLost
            try ensure(isLost && breaker.failureRate == rate, "an outcome from before the last move was counted")
            return
        }
        switch phase {
        case .closed: try recordClosed(outcome, isPing: call.isPing, now)
        case .halfOpen where wasLive:
            let expected: CircuitBreakerPhase =
                outcome == .success ? .closed : outcome == .failure ? .open : .halfOpen
            try ensure(breaker.phase == expected, "a probe's \(outcome) led to \(breaker.phase)")
        case .halfOpen, .open: break
        }
    }

    private mutating func recordClosed(
        _ outcome: CallOutcome, isPing: Bool, _ now: ContinuousClock.Instant
    ) throws {
        if isPing { pings.append(outcome) } else { outcomes.append(outcome) }
        let latest = outcomes.filter { $0 != .ignored }.suffix(settings.windowSize)
        let failures = latest.count { $0 == .failure }
        let isBadRate =
            !isPing && outcome == .failure && latest.count >= settings.minimumCalls
            && Double(failures) >= settings.failureThreshold * Double(latest.count)
        let badPings = pings.filter { $0 != .ignored }.suffix(settings.failedPingsToOpen)
        let isBadPing =
            isPing && outcome == .failure && badPings.count == settings.failedPingsToOpen
            && badPings.allSatisfy { $0 == .failure }
        let shouldOpen = isBadRate || isBadPing
        try ensure(
            (breaker.phase == .open) == shouldOpen,
            "\(failures) of \(latest.count) calls failed, pings \(badPings): it should\(shouldOpen ? "" : " not") open")
        if breaker.phase == .open {
            outcomes = []
            pings = []
        }
    }

    private mutating func note(_ transitions: [CircuitBreakerTransition]) throws {
        for move in transitions {
            let from = moves.last?.to ?? .closed
            try ensure(move.from == from, "it was \(from), but moved from \(move.from)")
            try ensure(move.number == UInt64(moves.count + 1), "move \(moves.count + 1) is numbered \(move.number)")
            switch (move.from, move.to) {
            case (.closed, .open), (.open, .halfOpen), (.halfOpen, .closed), (.halfOpen, .open): break
            default: throw PropertyFailure(message: "it moved from \(move.from) to \(move.to)")
            }
            if move.to == .halfOpen, move.cause == .cooldownOver, let opened = moves.last, opened.cause != .probeLost {
                try ensure(move.at >= opened.at + settings.cooldown, "half-open before the cooldown was over")
            }
            moves.append(move)
        }
    }
}
