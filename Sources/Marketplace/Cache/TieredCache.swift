import NIOCore
import Resilience

/// Memory over Redis over the database. Each layer may be slow, gone or wrong: a call to Redis is short, its breaker
/// opens, and the database answers; at most one load per key at a time on this server, and by leases over all of them.
///
/// What is kept counts only while its end would be noticed: memory while ``Coherence`` vouches for it, Redis because
/// every change goes there before it is acknowledged. Without Redis, memory answers for a second at most.
public struct TieredCache: Sendable {
    /// Asks the database; nil: there is no such thing.
    typealias Load = @Sendable (RequestTrace) async throws -> CacheEntry?

    /// Keeps nothing when the feature is off, and still knows what has changed.
    let memory: MemoryCache
    /// Nil: nobody tells of changes, by the feature or because there is no Redis.
    let coherence: Coherence?
    /// Nil: no Redis, by the feature or because none is set.
    let redis: RedisCache?
    let dependency: Dependency?
    /// Nil when the feature is off: everyone loads for themselves.
    let flights: SingleFlight<CacheQuestion.Flight, CacheAnswer>?
    let state: CacheState
    /// Where a store lives, for the session of a request.
    let homes: @Sendable (StoreID, RequestTrace?) -> CacheHome
    /// Whether a promotion of a store's shard has left this position behind.
    let hasLost: @Sendable (StoreID, ShardPosition) -> Bool
    /// Whether a load after a change asks for what has it, though replicas may be behind.
    let followsChanges: Bool
    let settings: CacheSettings
    let readDeadline: Duration
    let environment: Environment
    let metrics: CacheMetrics

    /// One product's answer; nil when there is no such product.
    func product(_ id: ProductID, trace: RequestTrace, load: @escaping Load) async throws -> CacheEntry? {
        try await answer(.product(id), trace: trace, load: load)
    }

    /// One page's answer; nil when there is no such store.
    func page(
        _ filter: ProductFilter, _ page: PageRequest, of store: StoreID, trace: RequestTrace, load: @escaping Load
    ) async throws -> CacheEntry? {
        try await answer(.page(filter, page, of: store), trace: trace, load: load)
    }

    /// The answer about anything; nil when there is no such thing.
    /// - Throws: what the load throws when nothing that is kept can stand in for it.
    func answer(_ subject: CacheSubject, trace: RequestTrace, load: @escaping Load) async throws -> CacheEntry? {
        let now = environment.now()
        let home = homes(subject.store, trace)
        let reach = state.reach(home, now: now)
        let requirement = trace.requirement(of: home.shard)
        let look = memory.look(subject.key, in: subject.scope, now: now)
        if let found = look.found, found.entry.satisfies(requirement, of: home.shard), counts(look, reach, now),
            !isLost(found.entry, subject, home)
        {
            let answer = CacheAnswer(entry: found.entry, source: .memory, age: now - found.loadedAt)
            observe(answer, reach, since: now)
            return deliver(answer, home, reach, to: trace)
        }
        if coherence != nil { metrics.result(.memory, .miss).add() }
        // What is kept for everyone may be older than this session: then it asks for itself, and for its like.
        let isKept = look.found != nil && counts(look, reach, now)
        var question = CacheQuestion(
            subject: subject, home: home, reach: reach, requirement: isKept ? requirement : nil, look: look, load: load)
        var answer = try await shared(question)
        if !answer.entry.satisfies(requirement, of: home.shard) {
            question.requirement = requirement
            answer = try await shared(question)
        }
        return deliver(answer, home, reach, to: trace)
    }

    // MARK: Parts

    /// Whether what memory has is an answer.
    func counts(_ look: MemoryLook, _ reach: CacheReach, _ now: ContinuousClock.Instant) -> Bool {
        guard let found = look.found, now < found.freshUntil, reach != .out(mayStandIn: false) else { return false }
        if look.isCurrent, coherence?.isVouched(at: now) == true { return true }
        return dependency?.isAvailable != true && mayDoWithoutRedis(found, now)
    }

    /// Whether an entry may show what a promotion has undone: it was read past the fork, on the timeline before.
    func isLost(_ entry: CacheEntry, _ subject: CacheSubject, _ home: CacheHome) -> Bool {
        guard entry.shard == home.shard, let seen = entry.seen ?? entry.position else { return false }
        return hasLost(subject.store, seen)
    }

    /// Nobody tells of changes then, so what is in memory counts for a short time only.
    func mayDoWithoutRedis(_ found: MemoryEntry, _ now: ContinuousClock.Instant) -> Bool {
        now < found.freshUntil && now - found.keptAt <= settings.unvouched
    }

    private func shared(_ question: CacheQuestion) async throws -> CacheAnswer {
        guard let flights else { return try await fetch(question) }
        do {
            // Beside the database's own time, that of asking Redis and of waiting for another server.
            let deadline = environment.now() + readDeadline + settings.lease + settings.callDeadline * 2
            return try await flights.value(for: question.flight, deadline: deadline) { try await fetch(question) }
        } catch let error as SingleFlightError {
            throw Problem(.unavailable, "\(error)", retryAfter: .seconds(1))
        }
    }

    private func deliver(
        _ answer: CacheAnswer, _ home: CacheHome, _ reach: CacheReach, to trace: RequestTrace
    ) -> CacheEntry? {
        if let record = answer.record { trace.merge(record) }
        // What is kept stands in for a shard that does not answer, also while it has not reached its end.
        let standsIn = answer.source == .stale || (answer.record == nil && reach != .reachable)
        trace.cache(standsIn ? .stale : answer.source)
        if standsIn { trace.degraded("stale; age=\((answer.age.seconds * 10).rounded() / 10)") }
        if trace.isSession, let seen = answer.entry.seen { trace.saw(home.shard, seen) }
        return answer.entry.isAbsent ? nil : answer.entry
    }

    private func observe(_ answer: CacheAnswer, _ reach: CacheReach, since start: ContinuousClock.Instant) {
        let result: CacheMetrics.Result =
            answer.entry.isAbsent ? .negative : reach == .reachable ? .hit : .stale
        let counter = metrics.result(.memory, result)
        counter.add()
        // Looking at the clock costs as much as the look-up itself.
        if counter.value % 64 == 0 { metrics.duration(.memory).record(environment.now() - start) }
    }

    /// One call to Redis, within its time and by leave of its breaker.
    func call<Value: Sendable>(
        _ body: (RedisCache, ContinuousClock.Instant) async throws -> Value
    ) async throws -> Value? {
        guard let redis, let dependency else { return nil }
        let deadline = environment.now() + settings.callDeadline
        return try await dependency.call(deadline: deadline) { try await body(redis, deadline) }
    }
}
