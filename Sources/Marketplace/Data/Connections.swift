import Logging
import Postgres
import Redis
import ServiceLifecycle
import Synchronization

/// The open connections of a server: opened when it starts, and who is primary asked; closed when it has stopped.
final class Connections: Service {
    /// Every shard, and `central` where there is one.
    let shards: [Shard]
    let watch: MapWatch
    let redis: RedisClient?
    /// Tells what has changed in the cache; nil when nothing of it is kept in memory.
    let invalidations: InvalidationChannel?
    let reactor: Reactor
    let environment: Environment
    private let started = Atomic<Bool>(false)

    init(
        watch: MapWatch, redis: RedisClient?, invalidations: InvalidationChannel?, reactor: Reactor,
        environment: Environment
    ) {
        shards = watch.router.known + (watch.central.map { [$0.shard] } ?? [])
        self.watch = watch
        self.redis = redis
        self.invalidations = invalidations
        self.reactor = reactor
        self.environment = environment
    }

    /// Whether every node has been asked who it is; before that nobody can say what is missing.
    var hasStarted: Bool { started.load(ordering: .relaxed) }

    /// How long a start waits for the nodes to say who they are; the monitors go on asking.
    private static let discoveryLimit = Duration.seconds(2)

    func start() async {
        redis?.start()
        invalidations?.start()
        for node in shards.flatMap(\.nodes) { node.postgres.start() }
        let deadline = environment.now() + Self.discoveryLimit
        await withTaskGroup(of: Void.self) { group in
            for shard in shards {
                group.addTask { await shard.discover(deadline: deadline) }
            }
        }
        await watch.start()
        started.store(true, ordering: .relaxed)
    }

    func run() async throws {
        await start()
        try? await gracefulShutdown()
        await stop()
    }

    func stop() async {
        await withTaskGroup(of: Void.self) { group in
            for node in shards.flatMap(\.nodes) {
                group.addTask { await node.postgres.shutdown() }
            }
            group.addTask { [redis] in await redis?.shutdown() }
            group.addTask { [invalidations] in await invalidations?.shutdown() }
        }
        reactor.shutdown()
    }
}
