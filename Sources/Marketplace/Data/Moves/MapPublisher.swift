import Postgres

/// Writes versions of the shard map: into `central`, which decides, and as a copy on every shard, for servers that
/// start while central is away.
public struct MapPublisher: Sendable {
    let owner: OwnerConnections

    /// Makes a publisher that writes as the tables' owner.
    public init(owner: OwnerConnections) {
        self.owner = owner
    }

    /// Another one published first, this many times in a row.
    private static let maximumAttempts = 20
    private static let limit = Duration.seconds(5)
    /// What a version that does not follow the newest is refused with.
    private static let notNext: SQLState = "MP012"

    private var deadline: ContinuousClock.Instant { owner.environment.now() + Self.limit }

    /// Central's newest map; nil when it has none yet.
    func newest() async throws -> ShardMap? {
        let rows = try await owner.centralPrimary().query(
            "SELECT map::text FROM shard_map ORDER BY version DESC LIMIT 1", deadline: deadline)
        return try rows.first.map { try ShardMap(json: try $0.value(0)) }
    }

    /// Gives central its first map, as the settings describe it, and every shard a copy of the newest.
    /// - Returns: the map in force; nil where there is no central.
    public func publishFirst() async throws -> ShardMap? {
        guard owner.hasCentral else { return nil }
        if try await newest() == nil {
            do {
                try await insert(owner.map, reason: "the first map")
            } catch let error as PostgresError where error.sqlState == Self.notNext {
                // Another migrator was faster; its map is as good.
            }
        }
        let map = try await newest() ?? owner.map
        for name in map.shards { try await copy(map, to: name) }
        return map
    }

    /// Publishes the next version.
    /// - Parameter change: makes it from the newest; nil when there is nothing to change.
    /// - Returns: the map in force.
    func publish(
        reason: String, _ change: (ShardMap) throws -> ShardMap?
    ) async throws -> ShardMap {
        let central = try await newest() ?? owner.map
        var newest = central
        for attempt in 1... {
            guard let next = try change(newest) else { break }
            do {
                try await insert(next, reason: reason)
                newest = next
                break
            } catch let error as PostgresError where error.sqlState == Self.notNext && attempt < Self.maximumAttempts {
                newest = try await self.newest() ?? owner.map
            }
        }
        return newest
    }

    /// Copies a map to every shard of it, those that answer.
    /// - Returns: the shards that did not.
    func copyToAll(_ map: ShardMap) async -> [String] {
        var missing: [String] = []
        for name in map.shards {
            do {
                try await copy(map, to: name)
            } catch {
                missing.append(name)
            }
        }
        return missing
    }

    func copy(_ map: ShardMap, to shard: String) async throws {
        let version = Int64(map.version)
        _ = try await owner.primary(named: shard).query(
            """
            UPDATE shard_map_copy SET version = \(version), map = \(map.json)::jsonb WHERE version < \(version)
            """, deadline: deadline)
    }

    /// From here on a shard refuses to make a store for a server with an older map; those that are being made are
    /// awaited.
    func requireVersion(_ version: Int, on shard: String) async throws {
        try await owner.primary(named: shard).transaction(deadline: deadline) { transaction in
            _ = try await transaction.query("SELECT pg_advisory_xact_lock(x'6e657773746f7265'::bigint)")
            _ = try await transaction.query(
                "UPDATE shard_map_copy SET minimum_version = greatest(minimum_version, \(Int64(version)))")
        }
    }

    private func insert(_ map: ShardMap, reason: String) async throws {
        _ = try await owner.centralPrimary().query(
            """
            INSERT INTO shard_map (version, map, reason)
            VALUES (\(Int64(map.version)), \(map.json)::jsonb, \(reason))
            """, deadline: deadline)
    }
}
