import Postgres

/// The shard that a store goes to. Its rows are nobody's until the store is open here; every transaction that writes
/// them sees first that the move is still its mover's.
struct MoveTarget: Sendable {
    let node: PostgresNode
    let move: StoreMove
    let environment: Environment

    private static let limit = Duration.seconds(60)
    /// Rows that one statement removes.
    private static let batch = 5000

    private var deadline: ContinuousClock.Instant { environment.now() + Self.limit }

    /// Claims the place; what an earlier stay or move left there is removed.
    func prepare(_ tables: [StoreTable]) async throws {
        try await node.transaction(deadline: deadline) { transaction in
            let kept = try await transaction.query(
                """
                UPDATE store_placements SET state = 'arriving', epoch = \(move.epoch)
                WHERE store_id = \(move.store.number) AND move = \(move.id) AND epoch <= \(move.epoch)
                    AND state IN ('arriving', 'open')
                RETURNING 1::bigint
                """)
            if !kept.isEmpty { return }
            let made = try await transaction.query(
                """
                INSERT INTO store_placements AS p (store_id, state, shard, move, epoch, progress)
                VALUES (\(move.store.number), 'arriving', \(move.source), \(move.id), \(move.epoch), '{"stale": true}')
                ON CONFLICT (store_id) DO UPDATE SET state = 'arriving', shard = EXCLUDED.shard, move = EXCLUDED.move,
                    epoch = EXCLUDED.epoch, arrival = NULL, progress = EXCLUDED.progress
                    WHERE p.state = 'moved' AND p.move < EXCLUDED.move
                RETURNING 1::bigint
                """)
            guard !made.isEmpty else { throw StoreMoveError.replaced(move) }
        }
        if try await progress()["stale"] != nil { try await clean(tables) }
    }

    /// How far the copy has come: by table the last key as JSON, or `true` where all of it is here.
    func progress() async throws -> [String: String] {
        let rows = try await node.query(
            """
            SELECT e.key, e.value::text FROM store_placements AS p, jsonb_each(p.progress) AS e
            WHERE p.store_id = \(move.store.number) AND p.move = \(move.id)
            """, deadline: deadline)
        return try Dictionary(rows.decode(String.self, String.self)) { first, _ in first }
    }

    /// Writes rows as they are: triggers and references were obeyed where they come from. Together with the progress,
    /// so that neither is there without the other.
    func write(
        progress: (table: String, value: String)? = nil, _ body: @Sendable (PostgresTransaction) async throws -> Void
    ) async throws {
        try await node.transaction(deadline: deadline) { transaction in
            try await MoveSession.begin(transaction)
            let mine = try await transaction.query(
                """
                SELECT 1::bigint FROM store_placements
                WHERE store_id = \(move.store.number) AND move = \(move.id) AND epoch = \(move.epoch)
                    AND state = 'arriving' FOR UPDATE
                """)
            guard !mine.isEmpty else { throw StoreMoveError.replaced(move) }
            try await body(transaction)
            guard let progress else { return }
            _ = try await transaction.query(
                """
                UPDATE store_placements
                SET progress = progress || jsonb_build_object(\(progress.table)::text, \(progress.value)::jsonb)
                WHERE store_id = \(move.store.number)
                """)
        }
    }

    /// Opens the store here.
    /// - Returns: how far the shard's log had come when it was all here.
    func open() async throws -> ShardPosition {
        try await set("open", from: "arriving")
        let status = try await node.ping(deadline: deadline)
        return ShardPosition(timeline: status.timeline, wal: status.walPosition)
    }

    /// Takes that back.
    func close() async throws {
        try await set("arriving", from: "open")
    }

    private func set(_ state: String, from before: String) async throws {
        let rows = try await node.query(
            """
            UPDATE store_placements SET state = \(state)
            WHERE store_id = \(move.store.number) AND move = \(move.id) AND epoch = \(move.epoch)
                AND state = \(before) RETURNING 1::bigint
            """, deadline: deadline)
        guard !rows.isEmpty else { throw StoreMoveError.replaced(move) }
    }

    /// The store is this shard's like any other.
    func settle() async throws {
        _ = try await node.query(
            """
            DELETE FROM store_placements WHERE store_id = \(move.store.number) AND move = \(move.id)
                AND state IN ('open', 'arriving')
            """, deadline: deadline)
    }

    /// Gives the place up again, with all that was copied.
    func release(_ tables: [StoreTable]) async throws {
        _ = try await node.query(
            """
            UPDATE store_placements SET state = 'arriving', epoch = \(move.epoch)
            WHERE store_id = \(move.store.number) AND move = \(move.id) AND state IN ('open', 'arriving')
            """, deadline: deadline)
        let mine = try await node.query(
            """
            SELECT 1::bigint FROM store_placements
            WHERE store_id = \(move.store.number) AND move = \(move.id) AND state = 'arriving'
            """, deadline: deadline)
        guard !mine.isEmpty else { return }
        try await clean(tables)
        try await settle()
    }

    private func clean(_ tables: [StoreTable]) async throws {
        for table in tables {
            try await MoveSession.remove(table, of: move.store, from: node, batch: Self.batch, environment)
        }
        _ = try await node.query(
            """
            UPDATE store_placements SET progress = '{}'
            WHERE store_id = \(move.store.number) AND move = \(move.id) AND state = 'arriving'
            """, deadline: deadline)
    }
}

/// What every transaction of a mover begins with.
enum MoveSession {
    /// Rows come and go as they are, without triggers and checks of references: they were obeyed where the rows were
    /// written. And values read the same on both sides.
    static func begin(_ transaction: PostgresTransaction) async throws {
        _ = try await transaction.query(
            """
            SELECT set_config('session_replication_role', 'replica', true), set_config('TimeZone', 'UTC', true),
                set_config('DateStyle', 'ISO', true), set_config('extra_float_digits', '3', true)
            """)
    }

    /// Removes a store's rows from a table, some at a time.
    static func remove(
        _ table: StoreTable, of store: StoreID, from node: PostgresNode, batch: Int, _ environment: Environment
    ) async throws {
        var removed = batch
        while removed == batch {
            removed = try await node.transaction(deadline: environment.now() + .seconds(60)) { transaction in
                try await begin(transaction)
                return try await transaction.query(table.removeSome(of: store, limit: batch)).affected
            }
        }
    }
}
