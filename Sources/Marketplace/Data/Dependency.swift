import Postgres
import Redis
import Resilience

/// One thing that the server depends on, with what guards it: a breaker, a bulkhead, and the metrics of both. Every
/// call to it goes through ``call(deadline:_:)``.
public final class Dependency: Sendable {
    /// Why a call was not made.
    public enum Refusal: Error, Sendable {
        /// Its breaker is open.
        case breaker(retryAfter: Duration)
        /// Its bulkhead is full.
        case bulkhead
    }

    public let name: String
    /// Refuses calls while it is known to be down.
    public let breaker: CircuitBreaker
    /// Nil when the feature is off.
    public let bulkhead: Bulkhead?
    let metrics: DependencyMetrics
    private let shared: MarketplaceMetrics
    private let environment: Environment
    private let cooldown: Duration

    init(
        name: String, settings: ResilienceSettings, features: Features, metrics: MarketplaceMetrics,
        environment: Environment
    ) {
        let own = metrics.dependency(name)
        var breakerSettings = settings.breaker
        breakerSettings.isEnabled = features[.breakers]
        self.name = name
        self.metrics = own
        self.environment = environment
        shared = metrics
        cooldown = breakerSettings.cooldown
        breaker = CircuitBreaker(name: name, settings: breakerSettings, now: environment.now) { transition in
            own.show(transition.to)
            if transition.to == .open { own.opened.add() }
        }
        bulkhead =
            features[.bulkheads]
            ? Bulkhead(
                name: name, slots: settings.bulkheadSlots, maximumWaiters: settings.bulkheadQueue,
                time: TimeSource(now: environment.now, sleep: environment.sleep))
            : nil
    }

    /// Whether calls pass. While it is open or half-open only pings are let through: they are the probes, so that no
    /// user's request is spent on finding out.
    public var isAvailable: Bool { breaker.phase == .closed }

    /// Counts a call that was not made because the breaker is open.
    func countRefusal() {
        metrics.refused.add()
        shared.breakerOpen.add()
    }

    /// Counts a call that went elsewhere since this node's data is too old.
    func countSkip() { metrics.refused.add() }

    /// Makes one call.
    /// - Parameters:
    ///   - deadline: until when it may wait for a slot; the call watches its own.
    ///   - body: the call; its error decides what the breaker learns.
    /// - Throws: ``Refusal`` when the call was not made, else what the call throws.
    func call<Value>(
        deadline: ContinuousClock.Instant, _ body: () async throws -> Value
    ) async throws -> Value {
        let permit = try admit()
        var holdsSlot = false
        defer { if holdsSlot { bulkhead?.release() } }
        if let bulkhead {
            do {
                try await bulkhead.acquire(deadline: deadline)
                holdsSlot = true
            } catch {
                breaker.record(.ignored, for: permit)
                if error.reason == .cancelled { throw CancellationError() }
                metrics.refused.add()
                shared.shed.add()
                throw Refusal.bulkhead
            }
        }
        let start = environment.now()
        do {
            let value = try await body()
            metrics.duration.record(environment.now() - start)
            metrics.ok.add()
            breaker.record(.success, for: permit)
            return value
        } catch {
            metrics.duration.record(environment.now() - start)
            count(error)
            breaker.record((error as? any DependencyFailure)?.health ?? .ignored, for: permit)
            throw error
        }
    }

    private func admit() throws -> CircuitBreakerPermit {
        // The phase is asked first, since asking to be admitted after the cooldown would make this call the probe.
        guard isAvailable else {
            countRefusal()
            throw Refusal.breaker(retryAfter: cooldown)
        }
        do {
            return try breaker.admit()
        } catch {
            countRefusal()
            throw Refusal.breaker(retryAfter: error.retryAfter)
        }
    }

    private func count(_ error: any Error) {
        switch (error as? any DependencyFailure)?.effect ?? .none {
        case .none: metrics.failed.add()
        case .notSent: metrics.notSent.add()
        case .unknown: metrics.unknown.add()
        }
    }
}

/// What an error of a driver says: whether the call had an effect, and whether the dependency is well.
protocol DependencyFailure: Error {
    var effect: CallEffect { get }
    var health: CallOutcome { get }
}

/// What is known of a failed call's effect.
enum CallEffect: Sendable, Hashable {
    case none, notSent, unknown
}

extension PostgresError: DependencyFailure {
    var effect: CallEffect {
        switch outcome {
        case .notSent: .notSent
        case .failed: .none
        case .unknown: .unknown
        }
    }

    var health: CallOutcome {
        switch reason {
        case .server(let error):
            // Saying no is healthy; saying that it is going down, or that it ran out of time or space, is not.
            error.isFatal || error.sqlState == .queryCanceled || ["53", "57", "58"].contains(error.sqlState.errorClass)
                ? .failure : .success
        case .deadlineExceeded, .connectionLost, .unavailable, .unresponsive, .protocolViolation: .failure
        case .cancelled, .poolExhausted, .commitUnconfirmed, .invalidQuery, .closed: .ignored
        }
    }
}

extension RedisError: DependencyFailure {
    var effect: CallEffect {
        switch outcome {
        case .notSent: .notSent
        case .failed: .none
        case .unknown: .unknown
        }
    }

    var health: CallOutcome {
        switch reason {
        case .server, .unexpectedReply: .success
        case .deadlineExceeded, .connectionLost, .notConnected, .overdue, .protocolViolation: .failure
        case .cancelled, .limitReached, .refused, .closed: .ignored
        }
    }
}
