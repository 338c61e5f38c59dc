import Postgres
import Resilience

extension RoutedDatabase {
    /// Writes to the primary of the store's shard, again where it certainly failed and trying again can help. The
    /// session has seen what it wrote.
    /// - Parameter body: the statements.
    /// - Throws: ``Problem`` when it was not done or nobody knows, `PostgresError` when the statement was refused.
    func write<Value: Sendable>(
        _ store: StoreID, trace: RequestTrace, _ body: (StoreWriter) async throws -> Value
    ) async throws -> Value {
        let deadline = environment.now() + settings.writeDeadline
        return try await following(store.routingKey, deadline: deadline) { shard in
            // Whoever goes by what is lost is told before building on it.
            _ = try requirement(of: shard, trace)
            do {
                return try await retries.run(deadline: deadline, isRetryable: isRetryable) { attempt in
                    if attempt > 1 { metrics.retries.add() }
                    return try await writeOnce(to: shard, deadline: deadline, trace: trace) { node in
                        try await body(StoreWriter(store: store, node: node, deadline: deadline))
                    }
                }
            } catch {
                throw problem(error, of: shard)
            }
        }
    }

    private func writeOnce<Value: Sendable>(
        to shard: Shard, deadline: ContinuousClock.Instant, trace: RequestTrace,
        _ body: (PostgresNode) async throws -> Value
    ) async throws -> Value {
        guard let index = shard.roles.primary else { throw Dependency.Refusal.breaker(retryAfter: cooldown) }
        if shard.isDurable, shard.isCommitHeld {
            throw unavailable("No replica of \(shard.name) can confirm a commit now.", .seconds(1))
        }
        let node = shard.nodes[index]
        let start = environment.now()
        do {
            let value = try await node.dependency.call(deadline: deadline) {
                do {
                    return try await body(node.postgres)
                } catch let error as PostgresError where shard.isDurable && isUnconfirmed(error) {
                    // The primary is well: it waits for its replicas, and its reads go on.
                    shard.commitWasNotConfirmed()
                    throw PostgresError(outcome: .unknown, reason: .commitUnconfirmed, node: error.node)
                }
            }
            node.dependency.metrics.writes.add()
            trace.database(node: node.name, duration: environment.now() - start)
            try await see(node, of: shard, deadline: deadline, trace)
            return value
        } catch let error as PostgresError where error.sqlState == .readOnlyTransaction {
            shard.disownPrimary(index)
            await shard.discover(deadline: min(deadline, environment.now() + settings.attemptLimit))
            throw error
        }
    }

    /// Takes the position after a commit: within it, it would lie before the commit's own record.
    /// - Throws: ``Problem`` `outcome_unknown` when the primary was lost just then: the write may be lost with it.
    private func see(
        _ node: DatabaseNode, of shard: Shard, deadline: ContinuousClock.Instant, _ trace: RequestTrace
    ) async throws {
        do {
            let limit = max(deadline, environment.now() + settings.attemptLimit)
            let position = try NodePositions(try await node.postgres.read(NodePositions.query, deadline: limit))
            trace.committed(shard.name, at: position.upper(known: 0))
        } catch {
            throw Problem(
                .outcomeUnknown,
                "\(shard.name) took it and was lost before it could say how to find it again. Ask again, with the "
                    + "same Idempotency-Key if there was one.", retryAfter: .seconds(1))
        }
    }

    private func isUnconfirmed(_ error: PostgresError) -> Bool {
        guard error.outcome == .unknown else { return false }
        return switch error.reason {
        case .deadlineExceeded, .commitUnconfirmed: true
        default: false
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
}
