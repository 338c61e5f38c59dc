/// Which shard holds a routing key. A value: the same map gives the same answer on every server.
public struct ShardMap: Sendable, Hashable {
    /// How keys are spread.
    public enum Strategy: String, Sendable {
        /// The mixed key modulo the number of shards: even, constant time; adding a shard moves most keys.
        case modulo
    }

    /// Grows with every change of the map.
    public let version: Int
    /// How keys are spread.
    public let strategy: Strategy
    /// The shards' names, by index.
    public let shards: [String]

    /// - Throws: ``SettingsError`` without shards, or when a name stands twice.
    public init(version: Int = 1, strategy: Strategy = .modulo, shards: [String]) throws(SettingsError) {
        guard !shards.isEmpty else {
            throw SettingsError(["There is no shard: set MARKETPLACE_SHARDS to name@host:port,…;name@host:port,…"])
        }
        guard Set(shards).count == shards.count else {
            throw SettingsError(["Two shards have the same name: \(shards.joined(separator: ", "))."])
        }
        self.version = version
        self.strategy = strategy
        self.shards = shards
    }

    /// The map that settings describe: every shard of theirs, or the first alone when sharding is off.
    public init(settings: Settings) throws(SettingsError) {
        let count = settings.features[.sharding] ? settings.database.shards.count : 1
        try self.init(shards: (0..<min(count, settings.database.shards.count)).map { "shard-\($0)" })
    }

    /// The index of the shard that holds a key.
    public func shard(of key: RoutingKey) -> Int {
        switch strategy {
        case .modulo: Int(key.mixed % UInt64(shards.count))
        }
    }
}

extension ShardMap: CustomStringConvertible {
    public var description: String {
        "version \(version), \(strategy.rawValue) over \(shards.count): \(shards.joined(separator: ", "))"
    }
}
