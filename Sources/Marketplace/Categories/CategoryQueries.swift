import Postgres

/// The statements on categories.
enum CategoryQueries {
    private static let columns: Query = "id, parent_id, slug, name, version, created_at, updated_at"

    static func one(_ id: CategoryID) -> Query {
        """
        SELECT \(columns) FROM categories
        WHERE store_id = \(id.store.number) AND id = \(id.number) AND deleted_at IS NULL
        """
    }

    /// What is directly below one, or at the top; oldest first.
    static func children(of parent: CategoryID?, _ page: PageRequest, in store: StoreID) -> Query {
        let place: Query = if let parent { "parent_id = \(parent.number)" } else { "parent_id IS NULL" }
        return """
            SELECT \(columns) FROM categories
            WHERE store_id = \(store.number) AND \(place) AND id > \(page.cursor?.number ?? 0) AND deleted_at IS NULL
            ORDER BY id LIMIT \(Int64(page.limit + 1))
            """
    }

    /// Gives no row when there is no such store.
    static func create(_ id: CategoryID, _ input: CategoryInput) -> Query {
        """
        INSERT INTO categories (store_id, id, parent_id, slug, name)
        SELECT s.id, \(id.number), \(input.parent?.number), \(input.slug), \(input.name) FROM stores AS s
        WHERE s.id = \(id.store.number) AND s.deleted_at IS NULL
        RETURNING \(columns)
        """
    }

    static func update(_ id: CategoryID, _ input: CategoryInput, if precondition: Precondition) -> Query {
        """
        UPDATE categories SET parent_id = \(input.parent?.number), name = \(input.name),
            slug = coalesce(\(input.slug), slug), version = version + 1, updated_at = now()
        WHERE store_id = \(id.store.number) AND id = \(id.number) AND deleted_at IS NULL AND \(precondition.condition)
        RETURNING \(columns)
        """
    }

    static func delete(_ id: CategoryID, if precondition: Precondition) -> Query {
        """
        UPDATE categories SET deleted_at = now(), version = version + 1, updated_at = now()
        WHERE store_id = \(id.store.number) AND id = \(id.number) AND deleted_at IS NULL AND \(precondition.condition)
        RETURNING \(columns)
        """
    }
}

extension Category {
    /// A row of ``CategoryQueries``.
    init(row: Row, store: StoreID) throws {
        let (id, parent, slug, name, version, createdAt, updatedAt) = try row.decode(
            Int64.self, Int64?.self, String.self, String.self, Int64.self, PostgresTimestamp.self,
            PostgresTimestamp.self)
        self.init(
            id: CategoryID(store: store, number: id), parent: parent.map { CategoryID(store: store, number: $0) },
            slug: slug, name: name, version: version, createdAt: Timestamp(createdAt),
            updatedAt: Timestamp(updatedAt))
    }
}
