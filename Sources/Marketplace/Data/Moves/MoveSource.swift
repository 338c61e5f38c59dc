import Postgres

/// The shard that a store leaves. Every change of the store's placement is made under the lock that its writers share,
/// so that each of them either ended before it or sees it.
struct MoveSource: Sendable {
    let node: PostgresNode
    let move: StoreMove
    let environment: Environment

    /// What the shard says of the store.
    enum Placement: Sendable, Hashable {
        case none
        case leaving
        /// By this move, at this position of the target's log.
        case moved(arrival: ShardPosition?)
    }

    /// How long the mover waits for writers to end, and new ones for the mover: a part of the pause.
    private static let lockMilliseconds: Int64 = 100
    private static let limit = Duration.seconds(5)

    private var deadline: ContinuousClock.Instant { environment.now() + Self.limit }

    /// What stands there now; another move's is not ours to touch.
    func placement() async throws -> Placement {
        let rows = try await node.query(
            "SELECT state, move, arrival FROM store_placements WHERE store_id = \(move.store.number)",
            deadline: deadline)
        guard let row = rows.first else { return .none }
        let (state, owner) = try row.decode(String.self, Int64.self)
        guard owner == move.id else { throw StoreMoveError.replaced(move) }
        guard state == "moved" else { return .leaving }
        let arrival: String? = try row.value(2)
        return .moved(arrival: arrival.flatMap { ShardPosition($0) })
    }

    /// From here on every change of the store is noted.
    func track() async throws {
        try await alone { transaction in
            let stores = try await transaction.query("SELECT 1::bigint FROM stores WHERE id = \(move.store.number)")
            guard !stores.isEmpty else { throw StoreMoveError.noSuchStore(move.store, shard: move.source) }
            // Notes of an earlier move that was given up say nothing any more.
            _ = try await transaction.query(
                """
                DELETE FROM store_changes WHERE store_id = \(move.store.number)
                    AND NOT EXISTS (SELECT 1 FROM store_placements WHERE store_id = \(move.store.number))
                """)
            let rows = try await transaction.query(
                """
                INSERT INTO store_placements AS p (store_id, state, shard, move, epoch)
                VALUES (\(move.store.number), 'tracked', \(move.target), \(move.id), \(move.epoch))
                ON CONFLICT (store_id) DO UPDATE SET state = 'tracked', frozen_until = NULL, epoch = EXCLUDED.epoch
                    WHERE p.move = EXCLUDED.move AND p.epoch <= EXCLUDED.epoch AND p.state IN ('tracked', 'frozen')
                RETURNING 1::bigint
                """)
            guard !rows.isEmpty else { throw StoreMoveError.replaced(move) }
        }
    }

    /// Lets no writer in for so long; those who come are told to try again.
    /// - Throws: `PostgresError` with `lockNotAvailable` when a writer takes too long to end.
    func freeze(for lease: Duration) async throws {
        try await alone { transaction in
            let milliseconds = Int64(lease.milliseconds)
            let rows = try await transaction.query(
                """
                UPDATE store_placements
                SET state = 'frozen', frozen_until = clock_timestamp() + \(milliseconds) * interval '1 millisecond'
                WHERE \(mine) AND state IN ('tracked', 'frozen') RETURNING 1::bigint
                """)
            guard !rows.isEmpty else { throw StoreMoveError.replaced(move) }
        }
    }

    /// Lets writers in again.
    func thaw() async throws {
        _ = try await node.query(
            """
            UPDATE store_placements SET state = 'tracked', frozen_until = NULL
            WHERE \(mine) AND state = 'frozen'
            """, deadline: deadline)
    }

    /// The moment of the move: the store lives on the target from here on.
    /// - Returns: whether it does; not when the pause ran out and writers may have been let in, or a change is not
    ///   carried over yet.
    func settle(arrival: ShardPosition) async throws -> Bool {
        try await alone { transaction in
            let rows = try await transaction.query(
                """
                UPDATE store_placements SET state = 'moved', frozen_until = NULL, arrival = \(arrival.description)
                WHERE \(mine) AND state = 'frozen' AND frozen_until > clock_timestamp()
                    AND NOT EXISTS (SELECT 1 FROM store_changes WHERE store_id = \(move.store.number))
                RETURNING 1::bigint
                """)
            return !rows.isEmpty
        }
    }

    /// Forgets that the store was leaving.
    /// - Throws: ``StoreMoveError/tooLateToAbort(_:)`` when it has left.
    func release() async throws {
        try await alone { transaction in
            let rows = try await transaction.query(
                "SELECT state FROM store_placements WHERE store_id = \(move.store.number) AND move = \(move.id)")
            if try rows.first?.value(0) == "moved" { throw StoreMoveError.tooLateToAbort(move) }
            _ = try await transaction.query(
                "DELETE FROM store_placements WHERE store_id = \(move.store.number) AND move = \(move.id)")
            _ = try await transaction.query("DELETE FROM store_changes WHERE store_id = \(move.store.number)")
        }
    }

    /// Forgets changes that the target has.
    func forget(_ numbers: [Int64]) async throws {
        _ = try await node.query(
            "DELETE FROM store_changes WHERE store_id = \(move.store.number) AND number = ANY(\(numbers))",
            deadline: deadline)
    }

    private var mine: Query {
        "store_id = \(move.store.number) AND move = \(move.id) AND epoch = \(move.epoch)"
    }

    /// A transaction that no writer of the store overlaps.
    private func alone<Value: Sendable>(
        _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await node.transaction(deadline: deadline) { transaction in
            _ = try await transaction.query(
                "SELECT set_config('lock_timeout', \("\(Self.lockMilliseconds)ms"), true)")
            _ = try await transaction.query("SELECT pg_advisory_xact_lock(\(move.store.number))")
            return try await body(transaction)
        }
    }
}
