import Logging
import NIOCore
import NIOPosix
import Redis
import Resilience
import Synchronization
import Testing

@testable import Marketplace

/// The caches of some servers over one real Redis, before a database of a test's own: what is tested is who asks whom,
/// and what they are shown.
final class CacheBench: Sendable {
    let redis: RedisTestServer
    let database = Database()

    /// Things with versions, and whether anyone answers.
    final class Database: Sendable {
        private struct State {
            var versions: [CacheKey: Int64] = [:]
            var isOut = false
            var loads = 0
        }

        private let state = Mutex(State())

        var loads: Int { state.withLock { $0.loads } }
        var isReachable: Bool { state.withLock { !$0.isOut } }

        func set(_ subject: CacheSubject, to version: Int64?) {
            state.withLock { $0.versions[subject.key] = version }
        }

        func fail(_ isOut: Bool) { state.withLock { $0.isOut = isOut } }

        func read(_ subject: CacheSubject) throws -> CacheEntry? {
            try state.withLock { state in
                state.loads += 1
                if state.isOut { throw Problem(.unavailable, "shard-0 does not answer now.") }
                return state.versions[subject.key].map {
                    CacheEntry(tag: "\($0)", body: ByteBuffer(string: "body \($0)"), number: $0)
                }
            }
        }
    }

    init() async throws {
        redis = try await RedisTestServer.start()
    }

    /// One server's cache.
    struct Server: Sendable {
        let cache: TieredCache
        let metrics: MarketplaceMetrics
        let database: Database
        let client: RedisClient
        let monitor: DependencyMonitor
        let channel: InvalidationChannel?

        /// What a reader is shown.
        func read(
            _ subject: CacheSubject, trace: RequestTrace = RequestTrace(),
            load: TieredCache.Load? = nil
        ) async throws -> String? {
            let database = database
            return try await cache.answer(subject, trace: trace, load: load ?? { _ in try database.read(subject) })?.tag
        }

        /// Where an answer comes from now.
        func source(_ subject: CacheSubject) async throws -> RequestTrace.CacheResult? {
            let trace = RequestTrace()
            _ = try await read(subject, trace: trace)
            return trace.record.cache
        }

        func tell(_ subject: CacheSubject, version: Int64?) async {
            await cache.invalidate([(subject, version)], of: subject.store, trace: nil)
        }

        /// Tells Redis what it is owed.
        /// - Returns: whether that was all.
        func settle() async -> Bool {
            while await cache.settleSome() {}
            return cache.state.owesNothing
        }

        /// Whether Redis has an entry.
        func isInRedis(_ subject: CacheSubject) async throws -> Bool {
            try await client.exists(subject.entryName, deadline: soon) == 1
        }

        /// Whether what Redis has counts no more, and stays only for when there is nothing better.
        func hasEndedInRedis(_ subject: CacheSubject) async throws -> Bool {
            let left = try await client.timeToLive(subject.entryName, deadline: soon)
            return if case .remaining(let left) = left { left <= cache.settings.staleIfError } else { false }
        }

        /// How many readers wait for one answer now.
        func waiting(for subject: CacheSubject) -> Int {
            let ticket = cache.memory.look(subject.key, in: subject.scope, now: .now).ticket
            return cache.flights?.waiting(for: .init(key: subject.key, ticket: ticket, requirement: nil)) ?? 0
        }
    }

    /// Runs a server's cache for as long as the test takes.
    func serve<Value: Sendable>(
        _ change: @escaping @Sendable (inout Settings) -> Void = { _ in },
        environment: Environment = .live, _ body: (Server) async throws -> Value
    ) async throws -> Value {
        var settings = Settings()
        settings.cache.callDeadline = .milliseconds(500)
        settings.cache.vouchBound = .seconds(1)
        settings.cache.lease = .seconds(5)
        settings.resilience.breaker.cooldown = .milliseconds(200)
        settings.resilience.monitor = .init(interval: .milliseconds(50), timeout: .milliseconds(500))
        change(&settings)
        let server = makeServer(settings, environment)
        server.client.start()
        server.channel?.start()
        let pings = Task { await server.monitor.run() }
        defer { pings.cancel() }
        if let coherence = server.cache.coherence {
            try await eventually("memory is vouched for") { coherence.isVouched(at: environment.now()) }
        }
        let result = await Result { try await body(server) }
        await server.channel?.shutdown()
        await server.client.shutdown()
        return try result.get()
    }

    private func makeServer(_ settings: Settings, _ environment: Environment) -> Server {
        let metrics = MarketplaceMetrics()
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let time = TimeSource(now: environment.now, sleep: environment.sleep)
        let client = RedisClient(redis.endpoint, group: group, logger: logger)
        let dependency = Dependency(
            name: "cache", settings: settings.resilience, features: settings.features, metrics: metrics,
            environment: environment)
        let isKept = settings.features[.memoryCache]
        let isGuarded = settings.features[.stampedeGuard]
        let memory = MemoryCache(bytes: isKept ? 1 << 20 : 0)
        let coherence =
            isKept ? Coherence(memory: memory, bound: settings.cache.vouchBound, metrics: metrics.cache) : nil
        let database = database
        let cache = TieredCache(
            memory: memory, coherence: coherence,
            redis: RedisCache(
                redis: client, settings: settings.cache, isGuarded: isGuarded, environment: environment),
            dependency: dependency,
            flights: isGuarded ? SingleFlight(maximumKeys: 4096, maximumWaitersPerKey: 4096, time: time) : nil,
            state: CacheState(outageBound: settings.cache.staleIfError),
            homes: { _, _ in CacheHome(shard: "shard-0", mapVersion: 1, placement: 0, isReachable: database.isReachable)
            },
            hasLost: { _, _ in false }, followsChanges: true, settings: settings.cache, readDeadline: .seconds(8),
            environment: environment,
            metrics: metrics.cache)
        let monitor = DependencyMonitor(
            breaker: dependency.breaker, settings: settings.resilience.monitor, time: time
        ) { try await client.ping(deadline: $0) }
        let channel = coherence.map { coherence in
            InvalidationChannel(
                redis.endpoint, settings: InvalidationSettings(prefixes: [CacheSubject.scopePrefix]), group: group,
                logger: logger
            ) { coherence.take($0) }
        }
        return Server(
            cache: cache, metrics: metrics, database: database, client: client, monitor: monitor, channel: channel)
    }
}

/// Runs a test with caches over a Redis of its own.
func withCaches<Value: Sendable>(_ body: (CacheBench) async throws -> Value) async throws -> Value {
    let bench = try await CacheBench()
    defer { bench.redis.stop() }
    return try await body(bench)
}
