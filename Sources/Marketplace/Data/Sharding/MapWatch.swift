import Logging
import Resilience
import ServiceLifecycle

/// Keeps a server's shard map up to date: asks `central` at a fixed pace, and at once when somebody has met a newer map
/// or a shard refuses a store. While central is away the server goes on with what it has.
final class MapWatch: Service {
    let router: ShardRouter
    /// Nil where the map stands in the settings and never changes.
    let central: Central?
    let settings: DatabaseSettings
    let environment: Environment
    private let metrics: MarketplaceMetrics
    private let logger: Logger
    private let flights: SingleFlight<Int, Bool>

    /// How far a pause between two looks may differ, so that servers do not ask at once.
    private static let jitter = 0.1
    /// A start without central takes a shard's copy after this long.
    private static let patience = Duration.seconds(1)

    init(
        router: ShardRouter, central: Central?, settings: DatabaseSettings, environment: Environment,
        metrics: MarketplaceMetrics, logger: Logger
    ) {
        self.router = router
        self.central = central
        self.settings = settings
        self.environment = environment
        self.metrics = metrics
        self.logger = logger
        flights = SingleFlight(
            maximumKeys: 1, maximumWaitersPerKey: 4096,
            time: TimeSource(now: environment.now, sleep: environment.sleep))
        metrics.shardMapVersion.set(Double(router.map.version))
    }

    /// Gets the first map: central's, or the newest of the shards' copies when central does not answer.
    func start() async {
        guard central != nil else { return }
        let end = environment.now() + Self.patience
        while environment.now() < end, router.origin == .none {
            await refresh(deadline: end)
            if router.origin == .none { try? await environment.sleep(for: settings.mapPoll / 5) }
        }
        if router.origin == .none { await adoptCopy() }
    }

    func run() async throws {
        guard central != nil else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown { await self.poll() }
    }

    private func poll() async {
        while !Task.isCancelled {
            let stretch = 1 + (environment.randomFraction() * 2 - 1) * Self.jitter
            guard (try? await environment.sleep(for: settings.mapPoll * stretch)) != nil else { return }
            await refresh(deadline: environment.now() + .seconds(1))
            if router.origin == .none { await adoptCopy() }
        }
    }

    /// Looks now, unless the server's map is as new as the one that somebody has met. All who ask at once share a look.
    func refresh(atLeast version: Int? = nil, deadline: ContinuousClock.Instant) async {
        guard let central, version.map({ $0 > router.map.version || router.origin == .none }) ?? true else { return }
        _ = try? await flights.value(for: 0, deadline: deadline) { [self] in
            let known = router.origin == .none ? 0 : router.map.version
            guard let map = try await central.newer(than: known) else { return false }
            return take(map, from: .central)
        }
    }

    private func take(_ map: ShardMap, from origin: ShardRouter.Origin) -> Bool {
        let complaint = router.complaint
        let isTaken = router.adopt(map, from: origin, at: environment.now())
        if isTaken {
            metrics.shardMapVersion.set(Double(map.version))
            logger.notice("shard map", metadata: ["map": "\(map)", "from": "\(origin.name)"])
        } else if let news = router.complaint, news != complaint {
            logger.error("\(news)")
        }
        return isTaken
    }

    /// The newest copy that the shards have. It may be older than central's map, and no store is lost by that: a shard
    /// that a store has left says where it went.
    private func adoptCopy() async {
        let deadline = environment.now() + settings.readDeadline
        let copies = await withTaskGroup(of: Copy?.self) { group in
            for shard in router.known {
                group.addTask { await self.copy(of: shard, deadline: deadline) }
            }
            return await group.reduce(into: [Copy]()) { copies, copy in
                if let copy { copies.append(copy) }
            }
        }
        guard let newest = copies.max(by: { $0.map.version < $1.map.version }) else { return }
        _ = take(newest.map, from: .copy(shard: newest.shard))
    }

    private struct Copy: Sendable {
        let shard: String
        let map: ShardMap
    }

    private func copy(of shard: Shard, deadline: ContinuousClock.Instant) async -> Copy? {
        for node in shard.nodes where node.dependency.isAvailable {
            let rows = try? await node.dependency.call(deadline: deadline) {
                try await node.postgres.read(
                    "SELECT map::text FROM shard_map_copy WHERE version > 0", deadline: deadline)
            }
            guard let json: String = try? rows?.first?.value(0), let map = try? ShardMap(json: json) else { continue }
            return Copy(shard: shard.name, map: map)
        }
        return nil
    }
}
