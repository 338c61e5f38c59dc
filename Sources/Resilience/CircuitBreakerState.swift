/// The circuit breaker as a value: events and the time go in, permits and transitions come out.
///
/// Closed lets every call pass and opens when too many of the latest failed; open refuses until the cooldown is over;
/// half-open lets one probe at a time pass, whose outcome closes or reopens it. The pattern is Michael Nygard's
/// (*Release It!*, 2nd ed. 2018, "Circuit Breaker"). Three rules are added so that it can never be stuck or misled:
/// a probe that reports nothing within ``CircuitBreakerSettings/probeTimeout`` counts as failed, an outcome that was
/// admitted before the latest transition is ignored, and a caller that learned nothing hands its probe back.
public struct CircuitBreakerState: Sendable {
    private enum Stage: Sendable {
        case closed(FailureWindow, failedPings: Int)
        case open(since: ContinuousClock.Instant)
        case halfOpen(Probe?)
    }

    private struct Probe: Sendable {
        let id: UInt64
        let deadline: ContinuousClock.Instant
    }

    /// What was decided about one call, and the transitions that the decision caused, in their order.
    public struct Decision: Sendable {
        /// A permit, or nil when the call is refused.
        public let permit: CircuitBreakerPermit?
        /// When refused: how long until a probe may be let through.
        public let retryAfter: Duration
        /// Moves made on the way, oldest first.
        public let transitions: [CircuitBreakerTransition]
    }

    private let settings: CircuitBreakerSettings
    private var stage: Stage
    private var generation: UInt64 = 0
    private var probesStarted: UInt64 = 0

    /// A closed breaker with an empty window.
    public init(settings: CircuitBreakerSettings) {
        self.settings = settings
        self.stage = .closed(FailureWindow(size: settings.windowSize), failedPings: 0)
    }

    /// Where the breaker stands.
    public var phase: CircuitBreakerPhase {
        switch stage {
        case .closed: .closed
        case .open: .open
        case .halfOpen: .halfOpen
        }
    }

    /// The share of failed calls in the window, 0 to 1; 0 unless closed.
    public var failureRate: Double {
        if case .closed(let window, _) = stage { window.failureRate } else { 0 }
    }

    /// Whether a probe is under way.
    public var isProbing: Bool {
        if case .halfOpen(.some) = stage { true } else { false }
    }

    /// Asks whether a call may be made now.
    public mutating func admit(at now: ContinuousClock.Instant) -> Decision {
        var transitions: [CircuitBreakerTransition] = []
        settle(at: now, &transitions)
        switch stage {
        case .closed:
            return admitted(probe: nil, transitions)
        case .open(let since):
            return Decision(permit: nil, retryAfter: settings.cooldown - (now - since), transitions: transitions)
        case .halfOpen(.some(let probe)):
            return Decision(permit: nil, retryAfter: probe.deadline - now, transitions: transitions)
        case .halfOpen(nil):
            return admitted(probe: startProbe(at: now), transitions)
        }
    }

    /// Announces a health ping. A ping is never refused; it becomes the probe when one is due, and otherwise only
    /// counts while the breaker is closed.
    /// - Returns: the ping's permit, and the transitions that asking for it caused, oldest first.
    public mutating func admitPing(
        at now: ContinuousClock.Instant
    ) -> (permit: CircuitBreakerPermit, transitions: [CircuitBreakerTransition]) {
        var transitions: [CircuitBreakerTransition] = []
        settle(at: now, &transitions)
        var probe: UInt64?
        if case .halfOpen(nil) = stage { probe = startProbe(at: now) }
        return (CircuitBreakerPermit(generation: generation, probe: probe, isPing: true), transitions)
    }

    /// Takes the outcome of an admitted call or ping.
    /// - Returns: the transitions that it caused, oldest first.
    public mutating func record(
        _ outcome: CallOutcome, for permit: CircuitBreakerPermit, at now: ContinuousClock.Instant
    ) -> [CircuitBreakerTransition] {
        var transitions: [CircuitBreakerTransition] = []
        guard settings.isEnabled else { return transitions }
        expireProbe(at: now, &transitions)
        // A call admitted before the latest transition speaks about a time that is over.
        guard permit.generation == generation else { return transitions }
        switch stage {
        case .closed(var window, let failedPings):
            if permit.isPing {
                recordPing(outcome, window: window, failedPings: failedPings, at: now, &transitions)
            } else if outcome != .ignored {
                window.append(failed: outcome == .failure)
                stage = .closed(window, failedPings: failedPings)
                let isProof = window.count >= settings.minimumCalls && window.failureRate >= settings.failureThreshold
                if outcome == .failure, isProof { move(to: .open(since: now), .failureRate, at: now, &transitions) }
            }
        case .halfOpen(.some(let probe)) where probe.id == permit.probe:
            switch outcome {
            case .success:
                let empty = FailureWindow(size: settings.windowSize)
                move(to: .closed(empty, failedPings: 0), .probeSucceeded, at: now, &transitions)
            case .failure: move(to: .open(since: now), .probeFailed, at: now, &transitions)
            case .ignored: stage = .halfOpen(nil)
            }
        case .halfOpen, .open:
            break
        }
        return transitions
    }

    private mutating func recordPing(
        _ outcome: CallOutcome, window: FailureWindow, failedPings: Int, at now: ContinuousClock.Instant,
        _ transitions: inout [CircuitBreakerTransition]
    ) {
        switch outcome {
        case .success: stage = .closed(window, failedPings: 0)
        case .ignored: break
        case .failure:
            stage = .closed(window, failedPings: failedPings + 1)
            if failedPings + 1 >= settings.failedPingsToOpen {
                move(to: .open(since: now), .pingsFailed, at: now, &transitions)
            }
        }
    }

    /// Catches up with what the time alone decides: a lost probe reopens, a served cooldown half-opens.
    private mutating func settle(at now: ContinuousClock.Instant, _ transitions: inout [CircuitBreakerTransition]) {
        expireProbe(at: now, &transitions)
        if case .open(let since) = stage, now >= since + settings.cooldown {
            move(to: .halfOpen(nil), .cooldownOver, at: now, &transitions)
        }
    }

    /// The cooldown after a lost probe runs from its deadline, as if a timer had been set, not from whenever the
    /// next caller happened to come by.
    private mutating func expireProbe(
        at now: ContinuousClock.Instant, _ transitions: inout [CircuitBreakerTransition]
    ) {
        guard case .halfOpen(.some(let probe)) = stage, now >= probe.deadline else { return }
        move(to: .open(since: probe.deadline), .probeLost, at: now, &transitions)
    }

    private func admitted(probe: UInt64?, _ transitions: [CircuitBreakerTransition]) -> Decision {
        let permit = CircuitBreakerPermit(generation: generation, probe: probe, isPing: false)
        return Decision(permit: permit, retryAfter: .zero, transitions: transitions)
    }

    private mutating func startProbe(at now: ContinuousClock.Instant) -> UInt64 {
        probesStarted += 1
        stage = .halfOpen(Probe(id: probesStarted, deadline: now + settings.probeTimeout))
        return probesStarted
    }

    private mutating func move(
        to next: Stage, _ cause: CircuitBreakerTransition.Cause, at now: ContinuousClock.Instant,
        _ transitions: inout [CircuitBreakerTransition]
    ) {
        let from = phase
        stage = next
        generation += 1
        transitions.append(
            CircuitBreakerTransition(number: generation, from: from, to: phase, cause: cause, at: now))
    }
}
