import Logging

/// The database, and what stands in for it.
extension TieredCache {
    /// Asks the database, and leaves the answer in the layers in which it may be left.
    /// - Parameter miss: what Redis said; nil when it said nothing.
    func load(_ question: CacheQuestion, _ token: String, _ miss: RedisCache.Miss?) async throws -> CacheAnswer {
        let owed = state.owed(of: question.subject.scope)
        let change = (miss?.change ?? .unknown).merged(owed ?? .unknown)
        let isLeader = miss?.role == .lead
        let answer: CacheAnswer
        do {
            answer = try await askDatabase(question, change)
        } catch {
            if isLeader { release(question.subject, token) }
            if let answer = standIn(for: error, question, miss) { return answer }
            throw error
        }
        let mayKeep =
            miss?.isBlocked != true && owed != .some(.unknown) && answer.entry.version.includes(change)
        if mayKeep {
            remember(question, answer.entry, freshFor: answer.entry.lifetime, isVouched: miss != nil)
        }
        if mayKeep, let miss, miss.role != .wait {
            // Nobody waits for a fill; it takes a slot of the cache's bulkhead and ends by its deadline.
            later { try await $0.fill(question.subject, answer.entry, token: token, miss: miss, deadline: $1) }
        } else if isLeader {
            release(question.subject, token)
        }
        return answer
    }

    /// - Parameter change: what the answer should have: asked of the database as of a session that has seen it.
    private func askDatabase(_ question: CacheQuestion, _ change: CacheVersion) async throws -> CacheAnswer {
        var wanted = question.requirement
        if followsChanges, let position = change.position, position.placement == question.home.placement {
            wanted = wanted.map { $0.merged(position.position) } ?? position.position
        }
        metrics.loads.add()
        let start = environment.now()
        defer { metrics.loadDuration.record(environment.now() - start) }
        do {
            return try await askDatabase(question, from: wanted)
        } catch let problem as Problem
            where [.consistencyUnavailable, .historyLost].contains(problem.code) && question.requirement == nil
            && wanted != nil
        {
            // Only a session insists. The answer is given, and not kept: it does not have the change.
            return try await askDatabase(question, from: nil)
        }
    }

    private func askDatabase(_ question: CacheQuestion, from position: ShardPosition?) async throws -> CacheAnswer {
        let home = question.home
        // A session's, so that the nodes say how far their data goes. Only who insists waits for one that has come as
        // far.
        let trace = RequestTrace(waitsForReplicas: question.requirement != nil)
        let known = position.map { [home.shard: $0] } ?? [:]
        trace.begin(ConsistencyToken(mapVersion: home.mapVersion, positions: known), mapVersion: home.mapVersion)
        var entry = try await question.load(trace) ?? .absent
        let record = trace.record
        entry.shard = home.shard
        entry.seen = trace.token?.positions[home.shard]
        if let placement = home.placement {
            entry.version.position = record.position.map { CachePosition(placement: placement, position: $0) }
        }
        let lifetime = entry.isAbsent ? settings.negative : settings.lifetime(of: question.subject.kind)
        entry.lifetime = lifetime * (1 + settings.jitter * (2 * environment.randomFraction() - 1))
        return CacheAnswer(entry: entry, source: .miss, record: record)
    }

    /// Stale if error: what is kept stands in for a shard of which no node answers, for a bounded time.
    private func standIn(
        for error: any Error, _ question: CacheQuestion, _ miss: RedisCache.Miss?
    ) -> CacheAnswer? {
        guard let problem = error as? Problem, problem.code == .unavailable else { return nil }
        let now = environment.now()
        guard state.mayStandIn(for: question.home, now: now) else { return nil }
        var candidates: [CacheAnswer] = []
        if let found = question.look.found {
            candidates.append(CacheAnswer(entry: found.entry, source: .stale, age: now - found.loadedAt))
        }
        if let stale = miss?.stale {
            candidates.append(
                CacheAnswer(entry: stale.entry, source: .stale, age: stale.entry.lifetime + stale.staleSince))
        }
        let usable = candidates.filter {
            $0.entry.satisfies(question.requirement, of: question.home.shard) && !$0.entry.isAbsent
                && !isLost($0.entry, question.subject, question.home)
        }
        guard let newest = usable.min(by: { $0.age < $1.age }) else { return nil }
        let layer: CacheMetrics.Layer = question.look.found.map { $0.entry == newest.entry } == true ? .memory : .redis
        metrics.result(layer, .stale).add()
        return newest
    }

    private func release(_ subject: CacheSubject, _ token: String) {
        later { try await $0.release(subject, token: token, deadline: $1) }
    }

    /// Calls Redis without anyone waiting for it.
    private func later(
        _ body: @escaping @Sendable (RedisCache, ContinuousClock.Instant) async throws -> Void
    ) {
        guard dependency?.isAvailable == true else { return }
        Task { _ = try? await call(body) }
    }
}
