import Postgres

/// Takes a shard into the map: stores whose key is now the new shard's stay where they are, by name, and are moved one
/// after the other.
public struct ShardAddition: Sendable {
    /// What adding a shard would do, or did.
    public struct Plan: Sendable {
        /// The map with the shard.
        public let map: ShardMap
        /// Stores that belong elsewhere now, each with the shard to go to.
        public let moves: [(store: StoreID, to: String)]
        /// Stores of all shards.
        public let stores: Int
    }

    let owner: OwnerConnections
    private static let limit = Duration.seconds(60)

    /// Makes an addition that works as the tables' owner.
    public init(owner: OwnerConnections) {
        self.owner = owner
    }

    /// What adding a shard would do.
    /// - Throws: ``ShardMapError``; ``StoreMoveError/noCentral``.
    public func plan(_ shard: String) async throws -> Plan {
        let map = try await current()
        let stores = try await stores(of: map)
        let (next, moves) = try map.adding(shard, stores: stores)
        return Plan(map: next, moves: moves, stores: stores.count)
    }

    /// Adds it to the map. No server may make a store by an older map from before the stores are listed, so that none
    /// is forgotten; those who try wait for the new map, which comes at once.
    /// - Throws: as ``plan(_:)``. When it stopped between the two, stores are made again once it was run to its end.
    public func add(_ shard: String) async throws -> Plan {
        let map = try await current()
        _ = try map.adding(shard, stores: [])
        _ = try await owner.primary(named: shard)
        let publisher = MapPublisher(owner: owner)
        for name in map.shards + [shard] { try await publisher.requireVersion(map.version + 1, on: name) }
        let plan = try await plan(shard)
        for name in plan.map.shards { try await publisher.copy(plan.map, to: name) }
        _ = try await publisher.publish(reason: "\(shard) added") { newest in
            guard newest.version + 1 == plan.map.version else {
                throw OwnerConnections.Failure(description: "The map changed meanwhile: add \(shard) again.")
            }
            return plan.map
        }
        return plan
    }

    /// Stores that live elsewhere than the strategy says: what is left to move after a shard was added.
    public func left() async throws -> [(store: StoreID, to: String)] {
        let map = try await current()
        return map.placements.keys.compactMap { key in
            let (now, then) = (map.shard(of: RoutingKey(key)), map.natural(RoutingKey(key)))
            return now == then ? nil : (StoreID(number: Int64(bitPattern: key)), map.shards[then])
        }.sorted { $0.store < $1.store }
    }

    private func current() async throws -> ShardMap {
        guard owner.hasCentral else { throw StoreMoveError.noCentral }
        return try await owner.currentMap()
    }

    private func stores(of map: ShardMap) async throws -> [StoreID] {
        var stores: [StoreID] = []
        for name in map.shards {
            let rows = try await owner.primary(named: name).query(
                """
                SELECT id FROM stores AS s WHERE NOT EXISTS (
                    SELECT 1 FROM store_placements AS p WHERE p.store_id = s.id AND p.state IN ('arriving', 'moved'))
                """, deadline: owner.environment.now() + Self.limit)
            stores += try rows.decode(Int64.self).map(StoreID.init(number:))
        }
        return stores
    }
}
