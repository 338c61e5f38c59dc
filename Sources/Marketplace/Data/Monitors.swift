import Redis
import Resilience
import ServiceLifecycle

/// Pings every dependency at a fixed pace, whether or not anyone calls it: breakers open and close, roles and ages of
/// replicas are learned.
struct Monitors: Service {
    let monitors: [DependencyMonitor]

    init(
        shards: [Shard], redis: RedisClient?, cache: Dependency?, settings: ResilienceSettings, environment: Environment
    ) {
        let time = TimeSource(now: environment.now, sleep: environment.sleep)
        var monitors = shards.flatMap { shard in
            shard.nodes.enumerated().map { index, node in
                DependencyMonitor(breaker: node.dependency.breaker, settings: settings.monitor, time: time) {
                    deadline in
                    try await shard.ping(index, deadline: deadline)
                }
            }
        }
        if let redis, let cache {
            monitors.append(
                DependencyMonitor(breaker: cache.breaker, settings: settings.monitor, time: time) { deadline in
                    try await redis.ping(deadline: deadline)
                })
        }
        self.monitors = monitors
    }

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            for monitor in monitors {
                group.addTask { await cancelWhenGracefulShutdown { await monitor.run() } }
            }
        }
    }
}
