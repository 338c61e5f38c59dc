import Hummingbird
import Logging
import NIOPosix
import Postgres
import Redis
import Resilience

extension Marketplace {
    /// Wires everything, top to bottom; nothing runs yet.
    /// - Throws: ``SettingsError`` when there is no shard.
    public static func build(
        settings: Settings, environment: Environment = .live, logSink: LogSink? = nil,
        metrics: MarketplaceMetrics = MarketplaceMetrics()
    ) throws -> Marketplace {
        let builder = Builder(
            settings: settings, environment: environment, sink: logSink ?? LogSink(dropped: metrics.droppedLogLines),
            metrics: metrics)
        let map = try ShardMap(settings: settings)
        let reactor = Reactor(name: "postgres")
        let watch = builder.watch(map, reactor)
        let shards = watch.router.known
        let database = RoutedDatabase(
            router: watch.router, watch: watch, settings: settings, environment: environment, metrics: metrics)
        let redis = builder.redis()
        let cacheDependency = redis.map { builder.dependency($0.endpoint.name) }
        let cache = builder.cache(redis, cacheDependency, database)
        let connections = Connections(
            watch: watch, redis: redis, invalidations: builder.invalidations(redis, cache.coherence), reactor: reactor,
            environment: environment)
        let products = ProductStore(database: database, cache: cache, ids: IDGenerator(environment: environment))
        let warmUp = WarmUp(cache: cache, settings: settings.cache, environment: environment) { id in
            _ = try await products.answer(id, trace: RequestTrace())
        }
        let drain = Drain(duration: settings.server.drain, environment: environment, logger: builder.logger)
        let health = HealthStore(
            watch: watch, cache: cacheDependency, connections: connections, warmUp: warmUp, drain: drain,
            environment: environment)
        let router = builder.router(drain, watch)
        builder.routes(database, cache, products, health).add(to: router)

        for warning in settings.warnings { builder.logger.warning("\(warning)") }
        return Marketplace(
            settings: settings, metrics: metrics, watch: watch, shards: shards, cache: cache, environment: environment,
            responder: router.buildResponder(), drain: drain,
            monitors: Monitors(
                shards: connections.shards, redis: redis, cache: cacheDependency, settings: settings.resilience,
                environment: environment),
            connections: connections,
            cacheKeeper: CacheKeeper(
                cache: cache, warmUp: warmUp, connections: connections, environment: environment),
            logger: builder.logger)
    }
}

/// Makes the parts from what all of them share.
private struct Builder {
    let settings: Settings
    let environment: Environment
    let sink: LogSink
    let metrics: MarketplaceMetrics

    var logger: Logger {
        Logger(label: "marketplace") { label in
            JSONLogHandler(
                label: label, server: settings.server.name, level: settings.server.logLevel, sink: sink,
                wallClock: environment.wallClock)
        }
    }

    var time: TimeSource { TimeSource(now: environment.now, sleep: environment.sleep) }

    func dependency(_ name: String) -> Dependency {
        Dependency(
            name: name, settings: settings.resilience, features: settings.features, metrics: metrics,
            environment: environment)
    }

    // MARK: Data

    /// What routes by the shard map and keeps it new; without a central, or with sharding off, it stays as it is.
    func watch(_ map: ShardMap, _ reactor: Reactor) -> MapWatch {
        let isWatched = settings.features[.sharding] && !settings.database.central.isEmpty
        let used = settings.features[.sharding] ? settings.database.shards : Array(settings.database.shards.prefix(1))
        let shards = zip(ShardMap.names(count: used.count), used).map { shard($0, $1, reactor) }
        let central =
            isWatched
            ? Central(shard: shard("central", settings.database.central, reactor), environment: environment) : nil
        return MapWatch(
            router: ShardRouter(map: map, shards: shards, origin: isWatched ? .none : .settings), central: central,
            settings: settings.database, environment: environment, metrics: metrics, logger: logger)
    }

    private func shard(_ name: String, _ addresses: [NodeAddress], _ reactor: Reactor) -> Shard {
        let nodes = addresses.map { address in
            DatabaseNode(
                postgres: PostgresNode(
                    settings.database.endpoint(address, server: settings.server.name),
                    settings: settings.database.clientSettings, reactor: reactor, logger: logger),
                dependency: dependency(address.name))
        }
        return Shard(
            name: name, nodes: nodes, replicas: settings.replicas, features: settings.features, metrics: metrics,
            environment: environment, logger: logger)
    }

    // MARK: Cache

    func redis() -> RedisClient? {
        guard settings.features[.redisCache], let node = settings.cache.node else { return nil }
        return RedisClient(
            settings.cache.endpoint(node), group: MultiThreadedEventLoopGroup.singleton, logger: logger)
    }

    func cache(_ redis: RedisClient?, _ dependency: Dependency?, _ database: RoutedDatabase) -> TieredCache {
        // Without Redis nobody would tell of other servers' changes.
        let isKept = settings.features[.memoryCache] && redis != nil
        let isGuarded = settings.features[.stampedeGuard]
        let memory = MemoryCache(bytes: isKept ? settings.cache.memoryBytes : 0)
        return TieredCache(
            memory: memory,
            coherence: isKept
                ? Coherence(memory: memory, bound: settings.cache.vouchBound, metrics: metrics.cache) : nil,
            redis: redis.map {
                RedisCache(redis: $0, settings: settings.cache, isGuarded: isGuarded, environment: environment)
            },
            dependency: dependency,
            flights: isGuarded ? SingleFlight(maximumKeys: 4096, maximumWaitersPerKey: 4096, time: time) : nil,
            state: CacheState(outageBound: settings.cache.staleIfError),
            homes: { database.cacheHome(of: $0, for: $1) },
            hasLost: { database.router.shard(of: $0.routingKey).hasLost($1) },
            followsChanges: settings.features[.readYourWrites],
            settings: settings.cache,
            readDeadline: settings.database.readDeadline, environment: environment, metrics: metrics.cache)
    }

    func invalidations(_ redis: RedisClient?, _ coherence: Coherence?) -> InvalidationChannel? {
        guard let redis, let coherence else { return nil }
        return InvalidationChannel(
            redis.endpoint, settings: InvalidationSettings(prefixes: [CacheSubject.scopePrefix]),
            group: MultiThreadedEventLoopGroup.singleton, logger: logger
        ) { coherence.take($0) }
    }

    // MARK: HTTP

    func routes(
        _ database: RoutedDatabase, _ cache: TieredCache, _ products: ProductStore, _ health: HealthStore
    ) -> Routes {
        let ids = IDGenerator(environment: environment)
        let orders = OrderStore(
            database: database, cache: cache, ids: ids, isGuarded: settings.features[.idempotency])
        return Routes(
            stores: StoreRoutes(stores: StoreStore(database: database, ids: ids)),
            search: SearchRoutes(search: SearchStore(database: database)),
            products: ProductRoutes(products: products),
            brands: BrandRoutes(brands: BrandStore(database: database, cache: cache, ids: ids)),
            categories: CategoryRoutes(
                categories: CategoryStore(database: database, cache: cache, ids: ids)),
            inventory: InventoryRoutes(inventory: InventoryStore(database: database)),
            orders: OrderRoutes(orders: orders, metrics: metrics),
            health: HealthRoutes(health: health, registry: metrics.registry))
    }

    /// From the outermost to the innermost.
    func router(_ drain: Drain, _ watch: MapWatch) -> Router<MarketplaceContext> {
        let accessLog =
            settings.server.accessLog
            ? AccessLog(server: settings.server.name, sink: sink, wallClock: environment.wallClock) : nil
        let router = Router(context: MarketplaceContext.self)
        router.add(middleware: RequestIDMiddleware(ids: IDGenerator(environment: environment)))
        router.add(middleware: ObservationMiddleware(environment: environment, metrics: metrics, accessLog: accessLog))
        router.add(middleware: SecurityHeadersMiddleware())
        router.add(middleware: DrainMiddleware(drain: drain))
        router.add(middleware: ServerTimingMiddleware(isTimingShown: settings.server.serverTiming))
        router.add(
            middleware: ConsistencyMiddleware(
                isHeeded: settings.features[.readYourWrites], mapVersion: { watch.router.map.version }))
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: ShardMapMiddleware(watch: watch))
        return router
    }
}
