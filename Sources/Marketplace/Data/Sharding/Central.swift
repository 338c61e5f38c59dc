import Postgres

/// The servers' side of `central`: they read the shard map from it, and need it for nothing else of a store's.
struct Central: Sendable {
    /// Its nodes, their roles and breakers, as any shard's.
    let shard: Shard
    let environment: Environment

    /// How long one node may take.
    private static let limit = Duration.milliseconds(250)

    /// The newest map, when there is a newer one than this server's: the primary is asked first, then its replicas,
    /// which may be behind and never go back.
    /// - Throws: the last node's error when none answered, ``ShardMapError`` for a map that cannot be used.
    func newer(than version: Int) async throws -> ShardMap? {
        let nodes = shard.nodes.filter(\.dependency.isAvailable)
        for node in shard.nodes where !node.dependency.isAvailable { node.dependency.countRefusal() }
        let primary = shard.primary?.name
        var failure: (any Error)?
        for node in nodes.filter({ $0.name == primary }) + nodes.filter({ $0.name != primary }) {
            do {
                let deadline = environment.now() + Self.limit
                let rows = try await node.dependency.call(deadline: deadline) {
                    try await node.postgres.read(
                        """
                        SELECT map::text FROM shard_map WHERE version > \(Int64(version))
                        ORDER BY version DESC LIMIT 1
                        """, deadline: deadline)
                }
                return try rows.first.map { try ShardMap(json: try $0.value(0)) }
            } catch let error as ShardMapError {
                throw error
            } catch {
                failure = error
            }
        }
        throw failure ?? Dependency.Refusal.breaker(retryAfter: Self.limit)
    }
}
