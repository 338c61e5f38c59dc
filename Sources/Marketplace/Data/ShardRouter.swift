/// Resolves a routing key to its shard in constant time.
public struct ShardRouter: Sendable {
    public let map: ShardMap
    /// By index, as in the map.
    public let shards: [Shard]
    private let isSharded: Bool

    public init(map: ShardMap, shards: [Shard], features: Features) {
        precondition(map.shards.count == shards.count, "the map and the shards differ")
        self.map = map
        self.shards = shards
        isSharded = features[.sharding]
    }

    /// Without sharding everything lives on the first.
    public func index(of key: RoutingKey) -> Int {
        isSharded ? map.shard(of: key) : 0
    }

    public func shard(of key: RoutingKey) -> Shard {
        shards[index(of: key)]
    }

    /// Those that a cross-shard read has to ask.
    public var inUse: [Shard] {
        isSharded ? shards : Array(shards.prefix(1))
    }
}
