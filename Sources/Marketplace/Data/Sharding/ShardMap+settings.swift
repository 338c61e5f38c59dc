extension ShardMap {
    /// The first map, as settings describe it: every shard of theirs, or the first alone when sharding is off. Where
    /// there is a `central`, it keeps the map from then on.
    public init(settings: Settings) throws(SettingsError) {
        let database = settings.database
        guard !database.shards.isEmpty else {
            throw SettingsError(["There is no shard: set MARKETPLACE_SHARDS to name@host:port,…;name@host:port,…"])
        }
        let count = settings.features[.sharding] ? database.shards.count : 1
        let names = Self.names(count: count)
        do {
            try self.init(strategy: Self.strategy(database.strategy, over: names), shards: names)
        } catch {
            throw SettingsError([error.description])
        }
    }

    /// How shards are called, in the order of the settings.
    static func names(count: Int) -> [String] { (0..<count).map { "shard-\($0)" } }

    /// Ranges that are not given are alike.
    private static func strategy(_ strategy: Strategy, over names: [String]) -> Strategy {
        guard case .ranges(let ranges) = strategy, ranges.isEmpty else { return strategy }
        let width = UInt64.max / UInt64(names.count)
        return .ranges(names.enumerated().map { ShardRange(from: width * UInt64($0.offset), shard: $0.element) })
    }
}
