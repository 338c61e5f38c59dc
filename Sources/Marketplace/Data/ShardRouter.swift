/// Resolves a routing key to its shard in constant time.
public struct ShardRouter: Sendable {
    /// Where stores live.
    public let map: ShardMap
    /// By index, as in the map.
    public let shards: [Shard]

    /// Makes a router over shards in the map's order.
    public init(map: ShardMap, shards: [Shard]) {
        precondition(map.shards.count == shards.count, "the map and the shards differ")
        self.map = map
        self.shards = shards
    }

    /// Where a key's data lives.
    public func shard(of key: RoutingKey) -> Shard {
        shards[map.shard(of: key)]
    }
}
