import Postgres

/// The journal of moves in `central`: which there are, and every step that each took.
struct MoveJournal: Sendable {
    let central: PostgresNode
    let environment: Environment

    private static let limit = Duration.seconds(5)
    private static let columns: Query = "id, store_id, source, target, step, epoch"

    private func query(_ query: Query) async throws -> Rows {
        try await central.query(query, deadline: environment.now() + Self.limit)
    }

    /// Moves that have not ended.
    func open() async throws -> [StoreMove] {
        try await query(
            "SELECT \(Self.columns) FROM store_moves WHERE step NOT IN ('done', 'aborted') ORDER BY id"
        ).map(StoreMove.init(row:))
    }

    /// The store's move that has not ended.
    func open(_ store: StoreID) async throws -> StoreMove? {
        try await query(
            """
            SELECT \(Self.columns) FROM store_moves
            WHERE store_id = \(store.number) AND step NOT IN ('done', 'aborted')
            """
        ).first.map(StoreMove.init(row:))
    }

    /// Begins a move; when somebody else begins one of the same store at once, theirs is the answer.
    func begin(_ store: StoreID, from source: String, to target: String) async throws -> StoreMove {
        let rows = try await query(
            """
            INSERT INTO store_moves (store_id, source, target) VALUES (\(store.number), \(source), \(target))
            ON CONFLICT DO NOTHING RETURNING \(Self.columns)
            """)
        if let row = rows.first { return try StoreMove(row: row) }
        guard let other = try await open(store) else { throw StoreMoveError.noMove(store) }
        return other
    }

    /// Takes a move up: whoever had it is refused from now on.
    func takeUp(_ move: StoreMove) async throws -> StoreMove {
        let rows = try await query(
            """
            UPDATE store_moves SET epoch = epoch + 1, changed_at = now()
            WHERE id = \(move.id) AND step NOT IN ('done', 'aborted') RETURNING \(Self.columns)
            """)
        guard let row = rows.first else { throw StoreMoveError.replaced(move) }
        return try StoreMove(row: row)
    }

    /// Writes down that a step was taken.
    /// - Throws: ``StoreMoveError/replaced(_:)`` when somebody else has taken the move up.
    func took(_ step: StoreMove.Step, _ move: StoreMove, _ detail: String = "") async throws {
        let rows = try await query(
            """
            WITH changed AS (
                UPDATE store_moves SET step = \(step.rawValue), changed_at = now()
                WHERE id = \(move.id) AND epoch = \(move.epoch) RETURNING id, epoch
            )
            INSERT INTO store_move_steps (move_id, step, epoch, detail)
            SELECT id, \(step.rawValue), epoch, \(detail) FROM changed RETURNING 1::bigint
            """)
        guard !rows.isEmpty else { throw StoreMoveError.replaced(move) }
    }
}

extension StoreMove {
    fileprivate init(row: Row) throws {
        let (id, store, source, target, step, epoch) = try row.decode(
            Int64.self, Int64.self, String.self, String.self, String.self, Int32.self)
        self.init(
            id: id, store: StoreID(number: store), source: source, target: target,
            step: Step(rawValue: step) ?? .planned,
            epoch: epoch)
    }
}
