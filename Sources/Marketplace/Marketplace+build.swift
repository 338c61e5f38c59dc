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
        let sink = logSink ?? LogSink(dropped: metrics.droppedLogLines)
        let logger = Logger(label: "marketplace") { label in
            JSONLogHandler(
                label: label, server: settings.server.name, level: settings.server.logLevel, sink: sink,
                wallClock: environment.wallClock)
        }
        func dependency(_ name: String) -> Dependency {
            Dependency(
                name: name, settings: settings.resilience, features: settings.features, metrics: metrics,
                environment: environment)
        }

        // Data
        let reactor = Reactor(name: "postgres")
        let map = try ShardMap(settings: settings)
        let shards = zip(map.shards, settings.database.shards).map { name, addresses in
            let nodes = addresses.map { address in
                DatabaseNode(
                    postgres: PostgresNode(
                        settings.database.endpoint(address, server: settings.server.name),
                        settings: settings.database.clientSettings, reactor: reactor, logger: logger),
                    dependency: dependency(address.name))
            }
            return Shard(name: name, nodes: nodes, environment: environment, logger: logger)
        }
        let database = RoutedDatabase(
            router: ShardRouter(map: map, shards: shards), settings: settings,
            environment: environment, metrics: metrics)

        // Cache
        let cacheNode = settings.features[.redisCache] ? settings.cache.node : nil
        let redis = cacheNode.map { node in
            RedisClient(settings.cache.endpoint(node), group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        }
        let cacheDependency = cacheNode.map { dependency($0.name) }
        let cache = CacheAside(
            redis: redis, dependency: cacheDependency, settings: settings, environment: environment, metrics: metrics)

        // Nouns
        let ids = IDGenerator(environment: environment)
        let connections = Connections(shards: shards, redis: redis, reactor: reactor, environment: environment)
        let drain = Drain(duration: settings.server.drain, environment: environment, logger: logger)
        let routes = Routes(
            stores: StoreRoutes(stores: StoreStore(database: database, ids: ids)),
            products: ProductRoutes(products: ProductStore(database: database, cache: cache, ids: ids)),
            inventory: InventoryRoutes(inventory: InventoryStore(database: database)),
            orders: OrderRoutes(
                orders: OrderStore(
                    database: database, cache: cache, ids: ids, isGuarded: settings.features[.idempotency]),
                metrics: metrics),
            health: HealthRoutes(
                health: HealthStore(
                    shards: shards, cache: cacheDependency, connections: connections, drain: drain,
                    environment: environment),
                registry: metrics.registry))

        let router = Self.router(
            settings: settings, ids: ids, drain: drain, environment: environment, metrics: metrics, sink: sink)
        routes.add(to: router)

        for warning in settings.warnings { logger.warning("\(warning)") }
        return Marketplace(
            settings: settings, metrics: metrics, map: map, shards: shards, cache: cache, environment: environment,
            responder: router.buildResponder(),
            drain: drain,
            monitors: Monitors(
                shards: shards, redis: redis, cache: cacheDependency, settings: settings.resilience,
                environment: environment),
            connections: connections,
            logger: logger)
    }

    /// The middleware, outermost first.
    private static func router(
        settings: Settings, ids: IDGenerator, drain: Drain, environment: Environment, metrics: MarketplaceMetrics,
        sink: LogSink
    ) -> Router<MarketplaceContext> {
        let router = Router(context: MarketplaceContext.self)
        let accessLog =
            settings.server.accessLog
            ? AccessLog(server: settings.server.name, sink: sink, wallClock: environment.wallClock) : nil
        router.add(middleware: RequestIDMiddleware(ids: ids))
        router.add(
            middleware: ObservationMiddleware(environment: environment, metrics: metrics, accessLog: accessLog))
        router.add(middleware: SecurityHeadersMiddleware())
        router.add(middleware: DrainMiddleware(drain: drain))
        router.add(middleware: ServerTimingMiddleware(isTimingShown: settings.server.serverTiming))
        router.add(middleware: ProblemMiddleware())
        return router
    }
}

extension CacheAside {
    /// A cache as the settings and features say; without Redis every look-up goes to the database.
    fileprivate init(
        redis: RedisClient?, dependency: Dependency?, settings: Settings, environment: Environment,
        metrics: MarketplaceMetrics
    ) {
        let time = TimeSource(now: environment.now, sleep: environment.sleep)
        self.init(
            cache: redis.map { ProductCache(redis: $0, settings: settings.cache, environment: environment) },
            dependency: dependency,
            flights: settings.features[.stampedeGuard]
                ? SingleFlight(maximumKeys: 4096, maximumWaitersPerKey: 4096, time: time) : nil,
            settings: settings.cache, readDeadline: settings.database.readDeadline, environment: environment,
            metrics: metrics)
    }
}
