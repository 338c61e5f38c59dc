import Logging
import Postgres
import Resilience

/// Sends each statement where it belongs: reads to replicas in turn, writes to the primary, of the shard that holds the
/// key. What goes where is what the caller declares, never guessed from the SQL.
public struct RoutedDatabase: Sendable {
    /// How a read is sent.
    public enum ReadKind: Sendable {
        /// By primary key, a few rows: shares a pipelined connection with others.
        case point
        /// Anything longer: has a connection to itself.
        case list
        /// Rows that only their store may see: a transaction of its own that enters the store first.
        case tenant(StoreID)
    }

    /// Finds the shard of a key.
    public let router: ShardRouter
    let settings: DatabaseSettings
    let features: Features
    let environment: Environment
    let metrics: MarketplaceMetrics
    let retries: RetryPolicy
    let cooldown: Duration
    /// Nil where the map never changes.
    let watch: MapWatch?

    init(
        router: ShardRouter, watch: MapWatch? = nil, settings: Settings, environment: Environment,
        metrics: MarketplaceMetrics
    ) {
        self.router = router
        self.watch = watch
        self.settings = settings.database
        self.features = settings.features
        self.environment = environment
        self.metrics = metrics
        cooldown = settings.resilience.breaker.cooldown
        retries = RetryPolicy(
            maximumRetries: settings.resilience.retryTimes, backoff: Backoff(base: settings.resilience.retryBase),
            random: EnvironmentRandom(environment: environment),
            time: TimeSource(now: environment.now, sleep: environment.sleep))
    }
}

/// The environment's randomness for what wants a generator.
struct EnvironmentRandom: RandomNumberGenerator, Sendable {
    let environment: Environment

    mutating func next() -> UInt64 { environment.random() }
}
