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
        let shards = builder.shards(map, reactor)
        let database = RoutedDatabase(
            router: ShardRouter(map: map, shards: shards), settings: settings, environment: environment,
            metrics: metrics)
        let redis = builder.redis()
        let cacheDependency = redis.map { builder.dependency($0.endpoint.name) }
        let cache = builder.cache(redis, cacheDependency)
        let connections = Connections(shards: shards, redis: redis, reactor: reactor, environment: environment)
        let drain = Drain(duration: settings.server.drain, environment: environment, logger: builder.logger)
        let health = HealthStore(
            shards: shards, cache: cacheDependency, connections: connections, drain: drain, environment: environment)
        let router = builder.router(drain)
        builder.routes(database, cache, health).add(to: router)

        for warning in settings.warnings { builder.logger.warning("\(warning)") }
        return Marketplace(
            settings: settings, metrics: metrics, map: map, shards: shards, cache: cache, environment: environment,
            responder: router.buildResponder(), drain: drain,
            monitors: Monitors(
                shards: shards, redis: redis, cache: cacheDependency, settings: settings.resilience,
                environment: environment),
            connections: connections, logger: builder.logger)
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

    func shards(_ map: ShardMap, _ reactor: Reactor) -> [Shard] {
        zip(map.shards, settings.database.shards).map { name, addresses in
            let nodes = addresses.map { address in
                DatabaseNode(
                    postgres: PostgresNode(
                        settings.database.endpoint(address, server: settings.server.name),
                        settings: settings.database.clientSettings, reactor: reactor, logger: logger),
                    dependency: dependency(address.name))
            }
            return Shard(name: name, nodes: nodes, environment: environment, logger: logger)
        }
    }

    // MARK: Cache

    func redis() -> RedisClient? {
        guard settings.features[.redisCache], let node = settings.cache.node else { return nil }
        return RedisClient(
            settings.cache.endpoint(node), group: MultiThreadedEventLoopGroup.singleton, logger: logger)
    }

    func cache(_ redis: RedisClient?, _ dependency: Dependency?) -> CacheAside {
        CacheAside(
            cache: redis.map { ProductCache(redis: $0, settings: settings.cache, environment: environment) },
            dependency: dependency,
            flights: settings.features[.stampedeGuard]
                ? SingleFlight(maximumKeys: 4096, maximumWaitersPerKey: 4096, time: time) : nil,
            settings: settings.cache, readDeadline: settings.database.readDeadline, environment: environment,
            metrics: metrics)
    }

    // MARK: HTTP

    func routes(_ database: RoutedDatabase, _ cache: CacheAside, _ health: HealthStore) -> Routes {
        let ids = IDGenerator(environment: environment)
        let orders = OrderStore(
            database: database, cache: cache, ids: ids, isGuarded: settings.features[.idempotency])
        return Routes(
            stores: StoreRoutes(stores: StoreStore(database: database, ids: ids)),
            products: ProductRoutes(products: ProductStore(database: database, cache: cache, ids: ids)),
            inventory: InventoryRoutes(inventory: InventoryStore(database: database)),
            orders: OrderRoutes(orders: orders, metrics: metrics),
            health: HealthRoutes(health: health, registry: metrics.registry))
    }

    /// From the outermost to the innermost.
    func router(_ drain: Drain) -> Router<MarketplaceContext> {
        let accessLog =
            settings.server.accessLog
            ? AccessLog(server: settings.server.name, sink: sink, wallClock: environment.wallClock) : nil
        let router = Router(context: MarketplaceContext.self)
        router.add(middleware: RequestIDMiddleware(ids: IDGenerator(environment: environment)))
        router.add(middleware: ObservationMiddleware(environment: environment, metrics: metrics, accessLog: accessLog))
        router.add(middleware: SecurityHeadersMiddleware())
        router.add(middleware: DrainMiddleware(drain: drain))
        router.add(middleware: ServerTimingMiddleware(isTimingShown: settings.server.serverTiming))
        router.add(middleware: ProblemMiddleware())
        return router
    }
}
