import Logging
import Postgres

/// Fills empty shards with a plan's rows, by COPY, all shards at once.
public struct Seeder: Sendable {
    /// What was written.
    public struct Summary: Sendable, Hashable {
        /// Written, by table.
        public var rows: [String: Int] = [:]
        /// How long it took.
        public var duration: Duration = .zero
    }

    let owner: OwnerConnections
    let environment: Environment

    /// Makes a seeder that writes as the tables' owner.
    public init(owner: OwnerConnections, environment: Environment = .live) {
        self.owner = owner
        self.environment = environment
    }

    private static let limit = Duration.seconds(600)

    /// - Throws: ``OwnerConnections/Failure`` when a shard is not empty or has no primary; `PostgresError`.
    public func run(_ plan: SeedPlan) async throws -> Summary {
        let start = environment.now()
        let map = try await owner.currentMap()
        var primaries: [PostgresNode] = []
        for name in map.shards {
            let node = try await owner.primary(named: name)
            try await requireEmpty(node, name)
            primaries.append(node)
        }
        var summary = Summary()
        try await withThrowingTaskGroup(of: [String: Int].self) { group in
            for (shard, node) in primaries.enumerated() {
                group.addTask { try await fill(node, SeedRows(plan, map: map, shard: shard)) }
            }
            for try await counts in group {
                for (table, count) in counts { summary.rows[table, default: 0] += count }
            }
        }
        summary.duration = environment.now() - start
        return summary
    }

    private func requireEmpty(_ node: PostgresNode, _ shard: String) async throws {
        // Asked of the catalogue, since a missing table would be an error.
        let tables = try await node.query(
            "SELECT 1::bigint FROM pg_tables WHERE tablename = 'idempotency_keys'",
            deadline: environment.now() + .seconds(5))
        guard !tables.isEmpty else {
            throw OwnerConnections.Failure(
                description: "\(shard) has no tables yet: run `marketplace migrate` first.")
        }
        let rows = try await node.query("SELECT id FROM stores LIMIT 1", deadline: environment.now() + .seconds(5))
        guard rows.isEmpty else {
            throw OwnerConnections.Failure(
                description: "\(shard) holds stores already: seed fills empty databases only.")
        }
    }

    /// In one transaction, so that a seed that fails leaves nothing behind and can be tried again.
    private func fill(_ node: PostgresNode, _ rows: SeedRows) async throws -> [String: Int] {
        let tables = rows.tables.filter { !$0.rows.isEmpty }
        return try await node.transaction(deadline: environment.now() + Self.limit) { transaction in
            _ = try await transaction.query(Self.trust)
            var counts: [String: Int] = [:]
            for table in tables {
                counts[table.name] = try await transaction.copyIn(table.name, columns: table.columns, rows: table.rows)
            }
            // The planner has to know the new sizes before the first request comes.
            for table in tables {
                let analyze: Query = "ANALYZE \(identifier: table.name)"
                _ = try await transaction.query(analyze.unprepared())
            }
            return counts
        }
    }

    /// Every row is right by construction, so that looking up what each refers to, one by one, is time for nothing: two
    /// thirds of it. Only a superuser may go without; everybody else's rows are checked.
    private static let trust = Query(
        """
        SELECT set_config('session_replication_role', 'replica', true)
        FROM pg_roles WHERE rolname = current_user AND rolsuper
        """
    ).unprepared()
}
