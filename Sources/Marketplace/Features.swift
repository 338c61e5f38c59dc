/// The layers that can be switched off one by one (`FEATURE_…=false`), so that each can be measured and shown to
/// matter. Off takes the protection away and nothing else: without faults and contention every answer stays the same.
public struct Features: Sendable, Hashable {
    /// One layer; the raw value is the name behind `FEATURE_`.
    public enum Feature: String, Sendable, CaseIterable {
        /// Stores spread over all shards; off, everything lives on the first.
        case sharding = "SHARDING"
        /// Reads go to replicas in turn; off, to the primary.
        case readReplicas = "READ_REPLICAS"
        /// A replica whose data is too old is not asked while the primary answers; off, data of any age is served.
        case staleBound = "STALE_BOUND"
        /// Whoever carries a consistency token reads its own writes and never goes back in time; off, tokens are
        /// handed out and nobody heeds them.
        case readYourWrites = "READ_YOUR_WRITES"
        /// A read that takes longer than usual is sent to a second node as well.
        case hedgedReads = "HEDGED_READS"
        /// Products and lists are kept in Redis.
        case redisCache = "REDIS_CACHE"
        /// What Redis has told is kept in the server's own memory too, as long as changes are told.
        case memoryCache = "MEMORY_CACHE"
        /// Callers that miss the same key share one load, on one server and over all of them.
        case stampedeGuard = "STAMPEDE_GUARD"
        /// An order is accepted once per Idempotency-Key.
        case idempotency = "IDEMPOTENCY"
        /// A dependency known to be down is not called.
        case breakers = "BREAKERS"
        /// A dependency may occupy a bounded number of calls.
        case bulkheads = "BULKHEADS"

        /// The name of its environment variable.
        public var variable: String { "FEATURE_" + rawValue }
    }

    /// The features that are on.
    public private(set) var enabled: Set<Feature>

    /// Everything on.
    public init() {
        enabled = Set(Feature.allCases)
    }

    /// Whether a feature is on.
    public subscript(feature: Feature) -> Bool {
        get { enabled.contains(feature) }
        set {
            if newValue { enabled.insert(feature) } else { enabled.remove(feature) }
        }
    }

    /// Names like a feature's in an environment that are none, sorted: most likely misspelt, so they are warned about.
    public static func unknown(in environment: some Sequence<String>) -> [String] {
        let known = Set(Feature.allCases.map(\.variable))
        return environment.filter { $0.hasPrefix("FEATURE_") && !known.contains($0) }.sorted()
    }
}
