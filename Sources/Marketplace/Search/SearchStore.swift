import Postgres

/// The SQL of the search over all stores.
struct SearchStore: Sendable {
    let database: RoutedDatabase

    /// Published products whose names have all the words, newest first.
    /// - Throws: ``Problem`` `dependency_unavailable` when no shard answers.
    func products(_ words: String, _ page: ScatterRequest, trace: RequestTrace) async throws -> ScatterPage<Product> {
        try await database.scatter(after: page.cursor, limit: page.limit, trace: trace) { after in
            Self.page(words, after: after, limit: page.limit)
        } read: { row in
            let product = try Product(row: row, store: StoreID(number: try row.value(0)), from: 1)
            // Newest first is the numbers backwards, and keys go forwards.
            let key = ScatterKey(
                first: Int64.max - product.id.number, second: Int64.max - product.id.store.number)
            return (key, product)
        }
    }

    /// The products are found first, and only those of the page are read with all that belongs to them.
    static func page(_ words: String, after: ScatterKey?, limit: Int) -> Query {
        let (id, store) = (Int64.max - (after?.first ?? 0), Int64.max - (after?.second ?? 0))
        return """
            SELECT p.store_id, \(ProductQueries.columns) FROM (
                SELECT p.store_id, p.id FROM products AS p
                WHERE p.words @@ to_tsquery('simple', \(words)) AND \(ProductQueries.isPublic)
                    AND (p.id, p.store_id) < (\(id), \(store))
                ORDER BY p.id DESC, p.store_id DESC LIMIT \(Int64(limit + 1))
            ) AS f CROSS JOIN \(ProductQueries.source)
            WHERE p.store_id = f.store_id AND p.id = f.id
            ORDER BY f.id DESC, f.store_id DESC
            """
    }
}
