import Redis

/// The cache in Redis.
public struct CacheSettings: Sendable, Hashable {
    /// Nil: there is none, and everything is read from the database.
    public var node: NodeAddress?
    /// Nil when it asks for none.
    public var password: String?
    /// A call that takes longer is given up: the database is asked instead.
    public var callDeadline = Duration.milliseconds(30)
    /// A product counts for so long.
    public var product = Duration.seconds(60)
    /// A page of a list of products.
    public var list = Duration.seconds(30)
    /// A brand or a category.
    public var taxonomy = Duration.seconds(600)
    /// That there is no such thing.
    public var negative = Duration.seconds(5)
    /// Each entry counts up to this share longer or shorter, so that they do not all end at once.
    public var jitter = 0.1
    /// The version that a change leaves behind stands for so long: longer than any reader that began before it takes,
    /// and than any replica may be behind.
    public var tombstone = Duration.seconds(5)
    /// How long other servers leave it to the one that loads a key.
    public var lease = Duration.milliseconds(250)
    /// While a shard is out of reach, what is kept stands in for it for so long.
    public var staleIfError = Duration.seconds(60)
    /// Memory takes no more than this.
    public var memoryBytes = 64 << 20
    /// Memory answers while every change up to so long ago is known.
    public var vouchBound = Duration.milliseconds(150)
    /// Without Redis memory answers for so long after each load.
    public var unvouched = Duration.seconds(1)
    /// How many products are brought in at the start.
    public var warmUpKeys = 500
    /// How many at once.
    public var warmUpConcurrency = 8
    /// How long that may keep the server from being ready.
    public var warmUpBound = Duration.milliseconds(1000)

    /// The defaults.
    public init() {}

    init(_ reader: inout SettingsReader) {
        let text = reader.text("MARKETPLACE_CACHE", default: "", unit: "node", "name@host:port of the cache")
        do {
            node = try NodeAddress.nodes(text).first
        } catch {
            for complaint in error.complaints { reader.complain(complaint) }
        }
        password = reader.secret("MARKETPLACE_CACHE_PASSWORD", "password of the cache")
        callDeadline = reader.duration("CACHE_CALL_MS", default: 30, "a call to the cache is given up after")
        readLifetimes(&reader)
        lease = reader.duration("CACHE_LEASE_MS", default: 250, "other servers leave a load to the first for")
        tombstone = reader.duration(
            "CACHE_TOMBSTONE_MS", default: 5000, in: 1000...600_000, "a change's version stands for")
        staleIfError = reader.duration(
            "CACHE_STALE_IF_ERROR_MS", default: 60_000, in: 0...600_000, "kept answers stand in for a lost shard for")
        memoryBytes = reader.integer(
            "MEMORY_CACHE_BYTES", default: memoryBytes, in: 0...1 << 40, unit: "bytes", "what memory may take")
        vouchBound = reader.duration(
            "MEMORY_CACHE_VOUCH_MS", default: 150, "memory answers while all changes are known but the last")
        unvouched = reader.duration(
            "MEMORY_CACHE_UNVOUCHED_MS", default: 1000, in: 0...60_000, "without Redis memory answers after a load for")
        warmUpKeys = reader.integer(
            "WARM_UP_PRODUCTS", default: warmUpKeys, in: 0...10_000, unit: "products", "brought in at the start")
        warmUpConcurrency = reader.integer(
            "WARM_UP_CONCURRENCY", default: warmUpConcurrency, in: 1...64, unit: "products", "brought in at once")
        warmUpBound = reader.duration("WARM_UP_MS", default: 1000, "warming up delays readiness at most")
    }

    private mutating func readLifetimes(_ reader: inout SettingsReader) {
        func lifetime(_ name: String, _ milliseconds: Int, _ what: String) -> Duration {
            reader.duration(name, default: milliseconds, in: 100...86_400_000, "how long \(what) counts")
        }
        product = lifetime("CACHE_TTL_MS", 60_000, "a product")
        list = lifetime("CACHE_LIST_TTL_MS", 30_000, "a page of products")
        taxonomy = lifetime("CACHE_TAXONOMY_TTL_MS", 600_000, "a brand or category")
        negative = lifetime("CACHE_NEGATIVE_TTL_MS", 5000, "that there is no such thing")
        jitter = reader.fraction("CACHE_TTL_JITTER", default: jitter, "how much that varies either way")
    }

    /// How long an answer of a kind counts.
    func lifetime(of kind: CacheKind) -> Duration {
        switch kind {
        case .product: product
        case .list: list
        case .brand, .category: taxonomy
        }
    }
}

extension CacheSettings {
    /// How to log in to the cache; a path is a Unix socket, its port counts for nothing.
    func endpoint(_ node: NodeAddress) -> RedisEndpoint {
        guard node.host.hasPrefix("/") else {
            return RedisEndpoint(name: node.name, host: node.host, port: node.port, password: password)
        }
        return RedisEndpoint(name: node.name, address: .unixSocket(path: node.host), password: password)
    }
}
