/// Where a store's data lives now, as the cache needs to know it.
struct CacheHome: Sendable, Hashable {
    /// The shard's name.
    let shard: String
    /// Of the shard map.
    let mapVersion: Int
    /// The version of the map by which the store came to its shard; nil when it has moved and the map does not say so
    /// yet: then positions in its log cannot be compared with earlier ones.
    let placement: Int?
    /// Whether any node of the shard is thought to answer.
    let isReachable: Bool
}

extension RoutedDatabase {
    /// - Parameter trace: of a session, which has to see here what it has seen where the store was before.
    func cacheHome(of store: StoreID, for trace: RequestTrace?) -> CacheHome {
        let (shard, map) = (router.shard(of: store.routingKey), router.map)
        if let trace { meet(store.routingKey, on: shard, trace: trace) }
        let isSettled = map.shards[map.shard(of: store.routingKey)] == shard.name
        return CacheHome(
            shard: shard.name, mapVersion: map.version,
            placement: isSettled ? map.placements[store.routingKey.value]?.since ?? 0 : nil,
            isReachable: shard.nodes.contains { $0.dependency.isAvailable })
    }
}
