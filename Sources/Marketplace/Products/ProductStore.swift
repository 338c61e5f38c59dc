import NIOCore
import Postgres

/// The SQL and the caching of products.
struct ProductStore: Sendable {
    let database: RoutedDatabase
    let cache: CacheAside
    let ids: IDGenerator

    private static let selection: Query = """
        SELECT p.id, p.name, p.description, p.category, p.currency, p.version, p.created_at, p.updated_at,
            s.codes, s.prices, s.quantities
        FROM products AS p
        LEFT JOIN LATERAL (
            SELECT array_agg(v.sku) AS codes, array_agg(v.price_minor) AS prices, array_agg(v.quantity) AS quantities
            FROM (
                SELECT sku, price_minor, quantity FROM skus
                WHERE store_id = p.store_id AND product_id = p.id ORDER BY sku
            ) AS v
        ) AS s ON true
        """

    // MARK: Reading

    /// One product's answer with its version as the tag; nil when there is none.
    func answer(_ id: ProductID, trace: RequestTrace) async throws -> CacheEntry? {
        let entry = try await cache.product(id, trace: trace) { trace in
            let rows = try await database.read(id.store.routingKey, .point, trace: trace, Self.one(id))
            guard let row = rows.first else { return nil }
            let product = try Product(row: row, store: id.store)
            return CacheEntry(tag: String(product.version), body: Envelope.body(product))
        }
        markIfReadOnly(id.store, trace)
        return entry
    }

    /// One page's answer; nil when there is no such store.
    func answer(
        _ filter: ProductFilter, _ page: PageRequest, of store: StoreID, trace: RequestTrace
    ) async throws -> ByteBuffer? {
        let load: CacheAside.Load = { trace in
            let products = try await list(filter, page, of: store, trace: trace)
            if products.items.isEmpty, try await !exists(store, trace: trace) { return nil }
            return CacheEntry(tag: "", body: Envelope.body(products.items, nextCursor: products.next?.description))
        }
        guard filter.isCacheable else { return try await load(trace)?.body }
        let entry = try await cache.page(filter, page, of: store, trace: trace, load: load)
        markIfReadOnly(store, trace)
        return entry?.body
    }

    private func list(
        _ filter: ProductFilter, _ page: PageRequest, of store: StoreID, trace: RequestTrace
    ) async throws -> Page<Product> {
        var query: Query = "\(Self.selection) WHERE p.store_id = \(store.number) AND p.deleted_at IS NULL"
        if let category = filter.category { query = "\(query) AND p.category = \(category)" }
        if let words = filter.searchExpression { query = "\(query) AND p.words @@ to_tsquery('simple', \(words))" }
        if let cursor = page.cursor { query = "\(query) AND p.id < \(cursor.number)" }
        query = "\(query) ORDER BY p.id DESC LIMIT \(Int64(page.limit + 1))"
        let rows = try await database.read(store.routingKey, .list, trace: trace, query)
        let products = try rows.map { try Product(row: $0, store: store) }
        return Page(products, limit: page.limit) { $0.id.number }
    }

    private func exists(_ store: StoreID, trace: RequestTrace) async throws -> Bool {
        let rows = try await database.read(
            store.routingKey, .point, trace: trace,
            "SELECT 1::bigint FROM stores WHERE id = \(store.number) AND deleted_at IS NULL")
        return !rows.isEmpty
    }

    /// What the cache answers is no newer than the database can be now.
    private func markIfReadOnly(_ store: StoreID, _ trace: RequestTrace) {
        guard trace.record.cache == .hit else { return }
        trace.degraded(database.router.shard(of: store.routingKey).degradation(of: nil))
    }

    private static func one(_ id: ProductID) -> Query {
        "\(selection) WHERE p.store_id = \(id.store.number) AND p.id = \(id.number) AND p.deleted_at IS NULL"
    }

    // MARK: Writing

    /// - Throws: ``Problem`` `store_not_found`, or `already_exists` for a SKU that the store has.
    func create(_ input: ProductInput, in store: StoreID, trace: RequestTrace) async throws -> Product {
        let id = ids.product(of: store)
        let variants = input.skus ?? []
        let statement: Query = """
            WITH made AS (
                INSERT INTO products (store_id, id, name, description, category, currency)
                SELECT s.id, \(id.number), \(input.name), \(input.description ?? ""), \(input.category), s.currency
                FROM stores AS s WHERE s.id = \(store.number) AND s.deleted_at IS NULL
                RETURNING store_id, id
            )
            INSERT INTO skus (store_id, sku, product_id, price_minor, quantity)
            SELECT made.store_id, v.sku, made.id, v.price, v.quantity
            FROM made, unnest(\(variants.map(\.sku)), \(variants.map(\.priceMinor)), \(Self.quantities(variants)))
                AS v (sku, price, quantity)
            """
        do {
            let rows = try await database.write(store.routingKey, trace: trace) { node, deadline in
                try await node.unit([statement, Self.one(id)], deadline: deadline)[1]
            }
            guard let row = rows.first else { throw Problem(.storeNotFound, "There is no store \(store).") }
            await cache.invalidate(store: store, products: [id])
            return try Product(row: row, store: store)
        } catch let error as PostgresError where error.sqlState == .uniqueViolation {
            throw Problem(.alreadyExists, "One of these SKUs is another product's in this store.")
        }
    }

    /// Replaces name, description and category; see ``ProductInput`` for SKUs.
    /// - Throws: ``Problem`` `product_not_found`, `precondition_failed`, or `already_exists` for a SKU of another
    ///   product.
    func update(
        _ id: ProductID, _ input: ProductInput, if precondition: Precondition, trace: RequestTrace
    ) async throws -> Product {
        let product = try await database.write(id.store.routingKey, trace: trace) { node, deadline in
            try await node.transaction(deadline: deadline) { transaction in
                let changed = try await transaction.query(
                    """
                    UPDATE products SET name = \(input.name), description = \(input.description ?? ""),
                        category = \(input.category), version = version + 1, updated_at = now()
                    WHERE store_id = \(id.store.number) AND id = \(id.number) AND deleted_at IS NULL
                        AND \(precondition.condition)
                    RETURNING 1::bigint
                    """)
                if changed.isEmpty { throw try await refusal(id, transaction) }
                try await upsert(input.skus ?? [], of: id, transaction)
                return try Product(row: try await transaction.query(Self.one(id))[0], store: id.store)
            }
        }
        await cache.invalidate(store: id.store, products: [id])
        return product
    }

    /// Marks a product as deleted; its SKUs cannot be ordered any more.
    /// - Throws: ``Problem`` `product_not_found` or `precondition_failed`.
    func delete(_ id: ProductID, if precondition: Precondition, trace: RequestTrace) async throws {
        try await database.write(id.store.routingKey, trace: trace) { node, deadline in
            try await node.transaction(deadline: deadline) { transaction in
                let changed = try await transaction.query(
                    """
                    UPDATE products SET deleted_at = now(), version = version + 1, updated_at = now()
                    WHERE store_id = \(id.store.number) AND id = \(id.number) AND deleted_at IS NULL
                        AND \(precondition.condition)
                    RETURNING 1::bigint
                    """)
                if changed.isEmpty { throw try await refusal(id, transaction) }
            }
        }
        await cache.invalidate(store: id.store, products: [id])
    }

    private func upsert(
        _ variants: [ProductInput.Variant], of id: ProductID, _ transaction: PostgresTransaction
    ) async throws {
        guard !variants.isEmpty else { return }
        let rows = try await transaction.query(
            """
            INSERT INTO skus AS s (store_id, sku, product_id, price_minor, quantity)
            SELECT \(id.store.number), v.sku, \(id.number), v.price, v.quantity
            FROM unnest(\(variants.map(\.sku)), \(variants.map(\.priceMinor)), \(Self.quantities(variants)))
                AS v (sku, price, quantity)
            ORDER BY v.sku
            ON CONFLICT (store_id, sku) DO UPDATE
                SET price_minor = EXCLUDED.price_minor, version = s.version + 1, updated_at = now()
                WHERE s.product_id = EXCLUDED.product_id
            RETURNING s.sku
            """)
        guard rows.count == variants.count else {
            throw Problem(.alreadyExists, "One of these SKUs is another product's in this store.")
        }
    }

    private func refusal(_ id: ProductID, _ transaction: PostgresTransaction) async throws -> Problem {
        let rows = try await transaction.query(
            """
            SELECT version FROM products
            WHERE store_id = \(id.store.number) AND id = \(id.number) AND deleted_at IS NULL
            """)
        guard let version: Int64 = try rows.first?.value(0) else {
            return Problem(.productNotFound, "There is no product \(id).")
        }
        return Problem(.preconditionFailed, "The product is at version \(version) now: read it again.")
    }

    private static func quantities(_ variants: [ProductInput.Variant]) -> [Int32] {
        variants.map { Int32(clamping: $0.quantity ?? 0) }
    }
}

extension Product {
    /// A row of ``ProductStore/selection``.
    fileprivate init(row: Row, store: StoreID) throws {
        let (id, name, description, category, currency, version) = try row.decode(
            Int64.self, String.self, String.self, String.self, String.self, Int64.self)
        let codes: [String] = try row.value(8, as: [String]?.self) ?? []
        let prices: [Int64] = try row.value(9, as: [Int64]?.self) ?? []
        let quantities: [Int32] = try row.value(10, as: [Int32]?.self) ?? []
        self.init(
            id: ProductID(store: store, number: id), name: name, description: description, category: category,
            currency: currency, version: version, createdAt: Timestamp(try row.value(6)),
            updatedAt: Timestamp(try row.value(7)),
            skus: codes.indices.map { SKU(code: codes[$0], priceMinor: prices[$0], quantity: quantities[$0]) })
    }
}
