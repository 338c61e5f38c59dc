import Logging
import Postgres
import Resilience

/// Sends each statement where it belongs: reads to replicas in turn, writes to the primary, of the shard that holds the
/// key. What goes where is what the caller declares, never guessed from the SQL.
public struct RoutedDatabase: Sendable {
    /// How a read is sent.
    public enum ReadKind: Sendable {
        /// By primary key, a few rows: shares a pipelined connection with others.
        case point
        /// Anything longer: has a connection to itself.
        case list
    }

    /// Finds the shard of a key.
    public let router: ShardRouter
    let settings: DatabaseSettings
    let features: Features
    let environment: Environment
    let metrics: MarketplaceMetrics
    let retries: RetryPolicy
    let cooldown: Duration

    init(
        router: ShardRouter, settings: Settings, environment: Environment, metrics: MarketplaceMetrics
    ) {
        self.router = router
        self.settings = settings.database
        self.features = settings.features
        self.environment = environment
        self.metrics = metrics
        cooldown = settings.resilience.breaker.cooldown
        retries = RetryPolicy(
            maximumRetries: settings.resilience.retryTimes, backoff: Backoff(base: settings.resilience.retryBase),
            random: EnvironmentRandom(environment: environment),
            time: TimeSource(now: environment.now, sleep: environment.sleep))
    }

    // MARK: Reads

    /// Reads from a replica of the key's shard.
    func read(
        _ key: RoutingKey, _ kind: ReadKind, trace: RequestTrace, _ query: Query
    ) async throws -> Rows {
        try await read(from: router.shard(of: key), kind, trace: trace, query)
    }

    /// Reads from a replica of one shard. A node that does not answer within the attempt limit is left for the next,
    /// the last one asked has the rest of the time.
    /// - Throws: ``Problem`` when no node answered, `PostgresError` when one refused the statement.
    func read(
        from shard: Shard, _ kind: ReadKind, trace: RequestTrace, _ query: Query
    ) async throws -> Rows {
        let deadline = environment.now() + settings.readDeadline
        var candidates = shard.readers(usesReplicas: features[.readReplicas])
        candidates.removeAll { index in
            let dependency = shard.nodes[index].dependency
            guard !dependency.isAvailable else { return false }
            dependency.countRefusal()
            return true
        }
        var failure: (any Error)?
        for (place, index) in candidates.enumerated() {
            let isLast = place == candidates.count - 1
            let limit = isLast ? deadline : min(deadline, environment.now() + settings.attemptLimit)
            do {
                let rows = try await read(from: shard.nodes[index], kind, deadline: limit, trace: trace, query)
                trace.degraded(shard.degradation(of: index))
                return rows
            } catch {
                guard isWorthAnotherNode(error), environment.now() < deadline else {
                    throw readProblem(error, of: shard)
                }
                failure = error
                if !isLast { metrics.retries.add() }
            }
        }
        throw readProblem(failure, of: shard)
    }

    /// Reads from the primary: what has to be as it is now.
    func readPrimary(_ key: RoutingKey, _ kind: ReadKind, trace: RequestTrace, _ query: Query) async throws -> Rows {
        let shard = router.shard(of: key)
        let deadline = environment.now() + settings.readDeadline
        guard let primary = shard.primary else { throw readProblem(nil, of: shard) }
        do {
            return try await read(from: primary, kind, deadline: deadline, trace: trace, query)
        } catch {
            throw readProblem(error, of: shard)
        }
    }

    private func read(
        from node: DatabaseNode, _ kind: ReadKind, deadline: ContinuousClock.Instant, trace: RequestTrace,
        _ query: Query
    ) async throws -> Rows {
        let start = environment.now()
        let rows = try await node.dependency.call(deadline: deadline) {
            switch kind {
            case .point: try await node.postgres.read(query, deadline: deadline)
            case .list: try await node.postgres.query(query, deadline: deadline)
            }
        }
        node.dependency.metrics.reads.add()
        trace.database(node: node.name, duration: environment.now() - start)
        return rows
    }

    /// A read has no effect, so whatever says nothing about the statement itself is worth asking another node.
    private func isWorthAnotherNode(_ error: any Error) -> Bool {
        if let error = error as? PostgresError {
            if case .cancelled = error.reason { return false }
            return error.health != .success
        }
        return error is Dependency.Refusal
    }

    // MARK: Writes

    /// Writes to the primary of the key's shard, again where it certainly failed and trying again can help.
    /// - Parameter body: the statements; it gets the primary and the deadline.
    /// - Throws: ``Problem`` when it was not done or nobody knows, `PostgresError` when the statement was refused.
    func write<Value: Sendable>(
        _ key: RoutingKey, trace: RequestTrace,
        _ body: (PostgresNode, ContinuousClock.Instant) async throws -> Value
    ) async throws -> Value {
        let shard = router.shard(of: key)
        let deadline = environment.now() + settings.writeDeadline
        do {
            return try await retries.run(deadline: deadline, isRetryable: isRetryable) { attempt in
                if attempt > 1 { metrics.retries.add() }
                return try await writeOnce(to: shard, deadline: deadline, trace: trace, body)
            }
        } catch {
            throw problem(error, of: shard)
        }
    }

    private func writeOnce<Value: Sendable>(
        to shard: Shard, deadline: ContinuousClock.Instant, trace: RequestTrace,
        _ body: (PostgresNode, ContinuousClock.Instant) async throws -> Value
    ) async throws -> Value {
        guard let index = shard.roles.primary else { throw Dependency.Refusal.breaker(retryAfter: cooldown) }
        let node = shard.nodes[index]
        let start = environment.now()
        do {
            let value = try await node.dependency.call(deadline: deadline) { try await body(node.postgres, deadline) }
            node.dependency.metrics.writes.add()
            trace.database(node: node.name, duration: environment.now() - start)
            return value
        } catch let error as PostgresError where error.sqlState == .readOnlyTransaction {
            shard.disownPrimary(index)
            await shard.discover(deadline: min(deadline, environment.now() + settings.attemptLimit))
            throw error
        }
    }

    /// Certainly without effect, and not because of what the statement says. A refusal of breaker or bulkhead is final:
    /// waiting for it would take the place of those who fail fast.
    private func isRetryable(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError, error.outcome != .unknown else { return false }
        switch error.reason {
        case .server(let server):
            return [.serializationFailure, .deadlockDetected, .readOnlyTransaction].contains(server.sqlState)
                || server.isFatal
        case .connectionLost, .unavailable: return true
        default: return false
        }
    }

    // MARK: Failures

    /// What the caller of a read is told: it may always ask again. A refusal of the statement stays as it is.
    private func readProblem(_ error: (any Error)?, of shard: Shard) -> any Error {
        guard let error = error as? PostgresError, error.outcome == .unknown else { return problem(error, of: shard) }
        if case .cancelled = error.reason { return CancellationError() }
        return unavailable("\(shard.name) did not answer in time.", .seconds(1))
    }

    /// What the caller of a write is told; a refusal of the statement itself stays as it is, for the store to explain.
    private func problem(_ error: (any Error)?, of shard: Shard) -> any Error {
        switch error {
        case nil:
            return unavailable("No node of \(shard.name) answers.", cooldown)
        case Dependency.Refusal.breaker(let retryAfter)?:
            return unavailable("\(shard.name) does not answer now.", retryAfter)
        case Dependency.Refusal.bulkhead?:
            return Problem(
                .overloaded, "Too many calls wait for \(shard.name). Try again later.", retryAfter: .seconds(1))
        case let error as PostgresError:
            return problem(error, of: shard)
        case let error?:
            return error
        }
    }

    private func problem(_ error: PostgresError, of shard: Shard) -> any Error {
        if error.outcome == .unknown {
            return Problem(
                .outcomeUnknown,
                "\(shard.name) was asked and gave no answer: it may or may not have been done. Ask again, with the "
                    + "same Idempotency-Key if there was one.", retryAfter: .seconds(1))
        }
        switch error.reason {
        case .cancelled: return CancellationError()
        case .server(let server) where server.sqlState == .lockNotAvailable || server.sqlState.isTransient:
            return Problem(.overloaded, "Others are changing the same things. Try again.", retryAfter: .seconds(1))
        case .server(let server) where error.health == .success && !server.isFatal:
            return error
        case .poolExhausted:
            return Problem(.overloaded, "Every connection to \(shard.name) is busy.", retryAfter: .seconds(1))
        case .invalidQuery:
            return error
        default:
            return unavailable("\(shard.name) does not answer now.", cooldown)
        }
    }

    private func unavailable(_ detail: String, _ retryAfter: Duration) -> Problem {
        Problem(.unavailable, detail + " Nothing was done.", retryAfter: retryAfter)
    }
}

/// The environment's randomness for what wants a generator.
struct EnvironmentRandom: RandomNumberGenerator, Sendable {
    let environment: Environment

    mutating func next() -> UInt64 { environment.random() }
}
