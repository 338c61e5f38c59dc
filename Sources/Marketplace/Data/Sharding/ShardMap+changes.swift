/// The next versions of a map.
extension ShardMap {
    /// The map with one store elsewhere. The placement stays even where the strategy agrees with it, for the position
    /// at which the store arrived; the oldest of those make room.
    /// - Throws: ``ShardMapError`` when the shard is not of the map, or too many stores are placed by name.
    public func placing(
        _ store: StoreID, on shard: String, position: ShardPosition? = nil
    ) throws(ShardMapError) -> ShardMap {
        guard shards.contains(shard) else { throw .shardUnknown(shard) }
        var placements = placements
        placements[store.routingKey.value] = Placement(shard: shard, since: version + 1, position: position)
        if placements.count > Self.maximumPlacements { drop(&placements, except: store) }
        return try ShardMap(version: version + 1, strategy: strategy, shards: shards, placements: placements)
    }

    /// Removes the oldest placement that says what the strategy says too.
    private func drop(_ placements: inout [UInt64: Placement], except store: StoreID) {
        let spare = placements.filter { key, placement in
            key != store.routingKey.value && shards[natural(RoutingKey(key))] == placement.shard
        }
        if let oldest = spare.min(by: { $0.value.since < $1.value.since }) { placements[oldest.key] = nil }
    }

    /// The map with one shard more, on which nothing lives yet: stores whose key now belongs to another shard are
    /// placed by name where they are, and go one by one.
    /// - Parameter stores: every store there is.
    /// - Returns: the next version, and the stores that its strategy wants elsewhere, each with the shard to go to.
    /// - Throws: ``ShardMapError``; for ranges, whose operator has to say where the new ones begin.
    public func adding(
        _ shard: String, stores: [StoreID]
    ) throws(ShardMapError) -> (map: ShardMap, moves: [(store: StoreID, to: String)]) {
        guard !shards.contains(shard) else { throw .shardKnown(shard) }
        let bare = try ShardMap(version: version + 1, strategy: strategy, shards: shards + [shard])
        var placements = placements
        var moves: [(store: StoreID, to: String)] = []
        for store in stores.sorted() {
            let (now, then) = (self.shard(of: store.routingKey), bare.natural(store.routingKey))
            // A store that was placed elsewhere by name stays there: somebody wanted it so.
            guard now != then, now == natural(store.routingKey) else { continue }
            if placements[store.routingKey.value] == nil {
                placements[store.routingKey.value] = Placement(shard: shards[now], since: version + 1)
            }
            moves.append((store, bare.shards[then]))
        }
        let map = try ShardMap(
            version: version + 1, strategy: strategy, shards: shards + [shard], placements: placements)
        return (map, moves)
    }
}
