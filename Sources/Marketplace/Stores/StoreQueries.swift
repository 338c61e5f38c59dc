import Postgres

/// The statements on stores.
enum StoreQueries {
    private static let columns: Query = "id, name, currency, version, created_at, updated_at"

    static func one(_ id: StoreID) -> Query {
        "SELECT \(columns) FROM stores WHERE id = \(id.number) AND deleted_at IS NULL"
    }

    /// One shard's part of a list, in order of the ids.
    static func page(after id: Int64, limit: Int) -> Query {
        """
        SELECT \(columns) FROM stores WHERE id > \(id) AND deleted_at IS NULL
        ORDER BY id LIMIT \(Int64(limit + 1))
        """
    }

    /// Refuses a server whose map is too old to say where new stores belong.
    static func admit(mapVersion: Int) -> Query { "SELECT admit_new_store(\(Int64(mapVersion)))" }

    static func create(_ id: StoreID, _ input: StoreInput) -> Query {
        """
        INSERT INTO stores (id, name, currency) VALUES (\(id.number), \(input.name), \(input.currency))
        RETURNING \(columns)
        """
    }

    static func update(_ id: StoreID, _ input: StoreInput, if precondition: Precondition) -> Query {
        """
        UPDATE stores SET name = \(input.name), currency = \(input.currency), version = version + 1,
            updated_at = now()
        WHERE id = \(id.number) AND deleted_at IS NULL AND \(precondition.condition)
        RETURNING \(columns)
        """
    }

    /// Marks a store as deleted unless it has products. Whether it has is asked in the order of an index: an EXISTS
    /// alone made the planner read the table, hoping to meet one soon, and an empty store has none to meet.
    static func delete(_ id: StoreID, if precondition: Precondition) -> Query {
        """
        UPDATE stores SET deleted_at = now(), version = version + 1, updated_at = now()
        WHERE id = \(id.number) AND deleted_at IS NULL AND \(precondition.condition)
            AND (
                SELECT category FROM products WHERE store_id = \(id.number) AND deleted_at IS NULL
                ORDER BY category LIMIT 1
            ) IS NULL
        RETURNING \(columns)
        """
    }
}

extension Store {
    /// A row of ``StoreQueries``.
    init(row: Row) throws {
        let (id, name, currency, version, createdAt, updatedAt) = try row.decode(
            Int64.self, String.self, String.self, Int64.self, PostgresTimestamp.self, PostgresTimestamp.self)
        self.init(
            id: StoreID(number: id), name: name, currency: currency, version: version,
            createdAt: Timestamp(createdAt), updatedAt: Timestamp(updatedAt))
    }
}
