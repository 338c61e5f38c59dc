import Postgres
import Resilience

extension RoutedDatabase {
    /// How long a read waits for replicas that have received what they have not replayed.
    private static let catchUpPause = Duration.milliseconds(10)

    /// Reads from a replica of the key's shard.
    func read(
        _ key: RoutingKey, _ kind: ReadKind, trace: RequestTrace, _ query: Query
    ) async throws -> Rows {
        try await following(key, deadline: environment.now() + settings.readDeadline) { shard in
            meet(key, on: shard, trace: trace)
            let rows = try await read(from: shard, kind, trace: trace, query)
            if rows.isEmpty { try await confirm(key, on: shard) }
            return rows
        }
    }

    /// Reads from a replica of one shard. A node that does not answer within the attempt limit is left for the next,
    /// the last one asked has the rest of the time.
    /// - Throws: ``Problem`` when no node answered, or none that has seen what the session has; `PostgresError` when
    ///   one refused the statement.
    func read(
        from shard: Shard, _ kind: ReadKind, trace: RequestTrace, _ query: Query
    ) async throws -> Rows {
        let deadline = environment.now() + settings.readDeadline
        let usesReplicas = features[.readReplicas]
        shard.countUnavailable(usesReplicas: usesReplicas)
        var isBehind = false
        while true {
            let request = try request(kind, query, of: shard, trace)
            let plan = shard.plan(usesReplicas: usesReplicas, requirement: request.requirement)
            do {
                return conclude(try await answer(request, plan, of: shard, deadline), of: shard, trace)
            } catch let error as BehindError {
                guard error.mayCatchUp, trace.waitsForReplicas, environment.now() + Self.catchUpPause < deadline else {
                    throw consistencyUnavailable(shard)
                }
                isBehind = true
                try await environment.sleep(for: Self.catchUpPause)
            } catch let problem as Problem where isBehind && problem.code == .unavailable {
                // The time ran out while they were asked again; those that answered had not come as far.
                throw consistencyUnavailable(shard)
            }
        }
    }

    /// Reads from the primary: what has to be as it is now.
    func readPrimary(_ key: RoutingKey, _ kind: ReadKind, trace: RequestTrace, _ query: Query) async throws -> Rows {
        let deadline = environment.now() + settings.readDeadline
        return try await following(key, deadline: deadline) { shard in
            meet(key, on: shard, trace: trace)
            let request = try request(kind, query, of: shard, trace)
            guard let primary = shard.roles.primary else { throw readProblem(nil, of: shard) }
            do {
                let answer = try await ask(primary, of: shard, request, deadline: deadline)
                let rows = conclude(answer, of: shard, trace)
                if rows.isEmpty { try await confirm(key, on: shard) }
                return rows
            } catch is BehindError {
                throw consistencyUnavailable(shard)
            } catch {
                throw readProblem(error, of: shard)
            }
        }
    }

    private func request(
        _ kind: ReadKind, _ query: Query, of shard: Shard, _ trace: RequestTrace
    ) throws -> ReadRequest {
        let requirement = try requirement(of: shard, trace)
        return ReadRequest(
            kind: kind, query: query, requirement: requirement,
            tellsPositions: trace.tellsPositions || requirement != nil)
    }

    /// What the session has to see on a shard.
    /// - Throws: ``Problem`` `history_lost` when that went with a timeline that was left.
    func requirement(of shard: Shard, _ trace: RequestTrace) throws -> ShardPosition? {
        guard let requirement = trace.requirement(of: shard.name) else { return nil }
        if shard.roles.history.hasLost(requirement) { throw historyLost(shard) }
        return requirement
    }

    /// For answers that no node is asked for: what is kept may be of a history that was lost.
    /// - Throws: ``Problem`` `history_lost`.
    func refuseLostSession(of store: StoreID, _ trace: RequestTrace) throws {
        _ = try requirement(of: router.shard(of: store.routingKey), trace)
    }

    private func conclude(_ answer: NodeAnswer, of shard: Shard, _ trace: RequestTrace) -> Rows {
        trace.database(node: shard.nodes[answer.node].name, duration: answer.duration)
        trace.degraded(shard.degradation(of: answer.node))
        trace.position(answer.lower)
        if let upper = answer.upper, trace.isSession { trace.saw(shard.name, upper) }
        return answer.rows
    }

    /// Goes through the nodes of a plan until one answers.
    private func answer(
        _ request: ReadRequest, _ plan: ReadPlan, of shard: Shard, _ deadline: ContinuousClock.Instant
    ) async throws -> NodeAnswer {
        var rest = plan.candidates[...].filter { shard.nodes[$0.node].dependency.isAvailable }[...]
        var failure: (any Error)?
        var behind: BehindError?
        while !rest.isEmpty {
            let attempt = await attempt(request, rest, of: shard, deadline)
            do {
                return try attempt.result.get()
            } catch let error as BehindError {
                behind = BehindError(mayCatchUp: error.mayCatchUp || behind?.mayCatchUp ?? false)
            } catch {
                guard isWorthAnotherNode(error) else { throw readProblem(error, of: shard) }
                guard environment.now() < deadline else { throw behind ?? readProblem(error, of: shard) }
                failure = error
                if rest.count > attempt.asked { metrics.retries.add() }
            }
            rest = rest.dropFirst(attempt.asked)
        }
        if let behind { throw behind }
        throw readProblem(failure, of: shard)
    }

    /// Asks one node.
    /// - Throws: ``BehindError`` when it has not come as far as the session.
    func ask(
        _ index: Int, of shard: Shard, _ request: ReadRequest, deadline: ContinuousClock.Instant
    ) async throws -> NodeAnswer {
        let node = shard.nodes[index]
        let known = shard.position(of: index)
        let start = environment.now()
        node.load.began()
        defer { node.load.ended() }
        let reply = try await node.dependency.call(deadline: deadline) {
            try await request.run(on: node.postgres, deadline: deadline)
        }
        let duration = environment.now() - start
        shard.hedging.withLock { $0.record(duration, request.pace) }
        node.dependency.metrics.reads.add()
        guard let before = reply.before, let after = reply.after else {
            return NodeAnswer(node: index, rows: reply.rows, duration: duration, lower: known, upper: nil)
        }
        let lower = before.lower(known: known?.timeline ?? 0)
        shard.advance(index, to: lower)
        if let requirement = request.requirement {
            let roles = shard.roles
            guard lower.satisfies(requirement, history: roles.history) else {
                throw BehindError(mayCatchUp: index != roles.primary && before.received >= requirement.wal)
            }
        }
        return NodeAnswer(
            node: index, rows: reply.rows, duration: duration, lower: lower,
            upper: after.upper(known: known?.timeline ?? 0))
    }

    /// A read has no effect, so whatever says nothing about the statement itself is worth asking another node.
    private func isWorthAnotherNode(_ error: any Error) -> Bool {
        if let error = error as? PostgresError {
            if case .cancelled = error.reason { return false }
            return error.health != .success
        }
        return error is Dependency.Refusal
    }
}
