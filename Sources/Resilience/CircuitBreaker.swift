import Synchronization

/// A circuit breaker that many tasks share: ``CircuitBreakerState`` behind a lock, with a clock and a handler.
public final class CircuitBreaker: Sendable {
    /// What a breaker has done so far.
    public struct Counters: Sendable, Hashable {
        /// Moves to open.
        public var opened = 0
        /// Moves to half-open.
        public var halfOpened = 0
        /// Moves back to closed.
        public var closed = 0
        /// Calls that were refused.
        public var refused = 0

        /// Makes counters.
        public init(opened: Int = 0, halfOpened: Int = 0, closed: Int = 0, refused: Int = 0) {
            self.opened = opened
            self.halfOpened = halfOpened
            self.closed = closed
            self.refused = refused
        }
    }

    private struct Guarded: Sendable {
        var state: CircuitBreakerState
        var counters = Counters()

        mutating func count(_ transitions: [CircuitBreakerTransition]) {
            for transition in transitions {
                switch transition.to {
                case .open: counters.opened += 1
                case .halfOpen: counters.halfOpened += 1
                case .closed: counters.closed += 1
                }
            }
        }
    }

    /// The dependency's name, as it appears in logs, metrics and readiness.
    public let name: String
    private let now: @Sendable () -> ContinuousClock.Instant
    private let onTransition: @Sendable (CircuitBreakerTransition) -> Void
    private let guarded: Mutex<Guarded>

    /// Makes a closed breaker.
    /// - Parameters:
    ///   - name: the dependency's name.
    ///   - now: the monotonic clock.
    ///   - onTransition: called after each move, outside the lock, on the task that caused it; keep it short.
    public init(
        name: String, settings: CircuitBreakerSettings = .init(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = TimeSource.live.now,
        onTransition: @escaping @Sendable (CircuitBreakerTransition) -> Void = { _ in }
    ) {
        self.name = name
        self.now = now
        self.onTransition = onTransition
        self.guarded = Mutex(Guarded(state: CircuitBreakerState(settings: settings)))
    }

    /// Where the breaker stands. A served cooldown shows only once somebody asks to call.
    public var phase: CircuitBreakerPhase { guarded.withLock { $0.state.phase } }

    /// What it has done so far.
    public var counters: Counters { guarded.withLock { $0.counters } }

    /// The share of failed calls in the window, 0 to 1; 0 unless closed.
    public var failureRate: Double { guarded.withLock { $0.state.failureRate } }

    /// Asks whether a call may be made now; every permit must come back through ``record(_:for:)``.
    /// - Throws: ``CircuitBreakerOpenError`` when the call must not be made.
    public func admit() throws(CircuitBreakerOpenError) -> CircuitBreakerPermit {
        let now = now()
        let decision = guarded.withLock { guarded in
            let decision = guarded.state.admit(at: now)
            guarded.count(decision.transitions)
            if decision.permit == nil { guarded.counters.refused += 1 }
            return decision
        }
        decision.transitions.forEach(onTransition)
        guard let permit = decision.permit else {
            throw CircuitBreakerOpenError(name: name, retryAfter: decision.retryAfter)
        }
        return permit
    }

    /// Announces a health ping, which is never refused; its outcome comes back through ``record(_:for:)``.
    public func admitPing() -> CircuitBreakerPermit {
        let now = now()
        let (permit, transitions) = guarded.withLock { guarded in
            let admitted = guarded.state.admitPing(at: now)
            guarded.count(admitted.transitions)
            return admitted
        }
        transitions.forEach(onTransition)
        return permit
    }

    /// Takes the outcome of an admitted call or ping. Outcomes from before the latest move are ignored.
    public func record(_ outcome: CallOutcome, for permit: CircuitBreakerPermit) {
        let now = now()
        let transitions = guarded.withLock { guarded in
            let transitions = guarded.state.record(outcome, for: permit, at: now)
            guarded.count(transitions)
            return transitions
        }
        transitions.forEach(onTransition)
    }

    /// Makes one call through the breaker and records how it went.
    /// - Parameters:
    ///   - outcomeOfError: what an error says about the dependency; a cancelled caller says nothing.
    ///   - body: the call.
    /// - Throws: ``CircuitBreakerOpenError`` when the call was not made, else what the call throws.
    public func call<Value>(
        outcomeOfError: (any Error) -> CallOutcome = { $0 is CancellationError ? .ignored : .failure },
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let permit = try admit()
        do {
            let value = try await body()
            record(.success, for: permit)
            return value
        } catch {
            record(outcomeOfError(error), for: permit)
            throw error
        }
    }
}
