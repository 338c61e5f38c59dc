import Postgres

/// The statements on brands.
enum BrandQueries {
    private static let columns: Query = "id, name, version, created_at, updated_at"

    static func one(_ id: BrandID) -> Query {
        "SELECT \(columns) FROM brands WHERE store_id = \(id.store.number) AND id = \(id.number) AND deleted_at IS NULL"
    }

    /// In order of their ids: oldest first.
    static func page(_ page: PageRequest, of store: StoreID) -> Query {
        """
        SELECT \(columns) FROM brands
        WHERE store_id = \(store.number) AND id > \(page.cursor?.number ?? 0) AND deleted_at IS NULL
        ORDER BY id LIMIT \(Int64(page.limit + 1))
        """
    }

    /// Gives no row when there is no such store.
    static func create(_ id: BrandID, _ input: BrandInput) -> Query {
        """
        INSERT INTO brands (store_id, id, name)
        SELECT s.id, \(id.number), \(input.name) FROM stores AS s
        WHERE s.id = \(id.store.number) AND s.deleted_at IS NULL
        RETURNING \(columns)
        """
    }

    static func update(_ id: BrandID, _ input: BrandInput, if precondition: Precondition) -> Query {
        """
        UPDATE brands SET name = \(input.name), version = version + 1, updated_at = now()
        WHERE store_id = \(id.store.number) AND id = \(id.number) AND deleted_at IS NULL AND \(precondition.condition)
        RETURNING \(columns)
        """
    }

    static func delete(_ id: BrandID, if precondition: Precondition) -> Query {
        """
        UPDATE brands SET deleted_at = now(), version = version + 1, updated_at = now()
        WHERE store_id = \(id.store.number) AND id = \(id.number) AND deleted_at IS NULL AND \(precondition.condition)
        RETURNING \(columns)
        """
    }
}

extension Brand {
    /// A row of ``BrandQueries``.
    init(row: Row, store: StoreID) throws {
        let (id, name, version, createdAt, updatedAt) = try row.decode(
            Int64.self, String.self, Int64.self, PostgresTimestamp.self, PostgresTimestamp.self)
        self.init(
            id: BrandID(store: store, number: id), name: name, version: version, createdAt: Timestamp(createdAt),
            updatedAt: Timestamp(updatedAt))
    }
}
