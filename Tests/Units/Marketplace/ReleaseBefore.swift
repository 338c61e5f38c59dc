import Postgres

/// The release before row security, as far as a database can tell: every statement that its server sent, letter by
/// letter, with the schema that it knew (migrations 1 to 4). It enters no store and knows no column that came later.
struct ReleaseBefore: Sendable {
    let node: PostgresNode

    static let lastMigration = 4

    private var deadline: ContinuousClock.Instant { within(.seconds(30)) }

    // MARK: Stores

    func makeStore(_ id: Int64) async throws {
        _ = try await node.query(
            """
            INSERT INTO stores (id, name, currency) VALUES (\(id), \("Store"), \("EUR"))
            RETURNING id, name, currency, version, created_at, updated_at
            """, deadline: deadline)
    }

    func stores() async throws -> [Int64] {
        try await node.query(
            """
            SELECT id, name, currency, version, created_at, updated_at FROM stores
            WHERE id > \(Int64(0)) AND deleted_at IS NULL ORDER BY id LIMIT \(Int64(21))
            """, deadline: deadline
        ).decode(Int64.self)
    }

    func store(_ id: Int64) async throws -> Int {
        try await node.read(
            """
            SELECT id, name, currency, version, created_at, updated_at FROM stores
            WHERE id = \(id) AND deleted_at IS NULL
            """, deadline: deadline
        ).count
    }

    func renameStore(_ id: Int64) async throws -> Int {
        try await node.unit(
            [
                """
                UPDATE stores SET name = \("Renamed"), currency = \("EUR"), version = version + 1,
                    updated_at = now()
                WHERE id = \(id) AND deleted_at IS NULL
                    AND true
                RETURNING id, name, currency, version, created_at, updated_at
                """, "SELECT version FROM stores WHERE id = \(id) AND deleted_at IS NULL",
            ], deadline: deadline)[0].count
    }

    func deleteStore(_ id: Int64) async throws -> Int {
        try await node.unit(
            [
                """
                UPDATE stores SET deleted_at = now(), version = version + 1, updated_at = now()
                WHERE id = \(id) AND deleted_at IS NULL
                    AND true
                    AND NOT EXISTS (SELECT 1 FROM products WHERE store_id = \(id) AND deleted_at IS NULL)
                RETURNING id, name, currency, version, created_at, updated_at
                """, "SELECT version FROM stores WHERE id = \(id) AND deleted_at IS NULL",
            ], deadline: deadline)[0].count
    }

    // MARK: Products

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

    private func one(_ id: Int64, _ store: Int64) -> Query {
        "\(Self.selection) WHERE p.store_id = \(store) AND p.id = \(id) AND p.deleted_at IS NULL"
    }

    func makeProduct(_ id: Int64, of store: Int64, sku: String, category: String) async throws -> Int {
        try await node.unit(
            [
                """
                WITH made AS (
                    INSERT INTO products (store_id, id, name, description, category, currency)
                    SELECT s.id, \(id), \("Mug"), \("Blue"), \(category), s.currency
                    FROM stores AS s WHERE s.id = \(store) AND s.deleted_at IS NULL
                    RETURNING store_id, id
                )
                INSERT INTO skus (store_id, sku, product_id, price_minor, quantity)
                SELECT made.store_id, v.sku, made.id, v.price, v.quantity
                FROM made, unnest(\([sku]), \([Int64(500)]), \([Int32(10)]))
                    AS v (sku, price, quantity)
                """, one(id, store),
            ], deadline: deadline)[1].count
    }

    func product(_ id: Int64, of store: Int64) async throws -> [String] {
        try await node.read(one(id, store), deadline: deadline).map { try $0.value(1) }
    }

    func products(of store: Int64, category: String?) async throws -> [Int64] {
        var query: Query = "\(Self.selection) WHERE p.store_id = \(store) AND p.deleted_at IS NULL"
        if let category { query = "\(query) AND p.category = \(category)" }
        query = "\(query) AND p.words @@ to_tsquery('simple', \("mug:*"))"
        query = "\(query) ORDER BY p.id DESC LIMIT \(Int64(21))"
        return try await node.query(query, deadline: deadline).decode(Int64.self)
    }

    func changeProduct(_ id: Int64, of store: Int64, sku: String, category: String) async throws -> Int {
        try await node.transaction(deadline: deadline) { transaction in
            let changed = try await transaction.query(
                """
                UPDATE products SET name = \("Red Mug"), description = \(""),
                    category = \(category), version = version + 1, updated_at = now()
                WHERE store_id = \(store) AND id = \(id) AND deleted_at IS NULL
                    AND true
                RETURNING 1::bigint
                """)
            _ = try await transaction.query(
                """
                INSERT INTO skus AS s (store_id, sku, product_id, price_minor, quantity)
                SELECT \(store), v.sku, \(id), v.price, v.quantity
                FROM unnest(\([sku]), \([Int64(700)]), \([Int32(5)]))
                    AS v (sku, price, quantity)
                ORDER BY v.sku
                ON CONFLICT (store_id, sku) DO UPDATE
                    SET price_minor = EXCLUDED.price_minor, version = s.version + 1, updated_at = now()
                    WHERE s.product_id = EXCLUDED.product_id
                RETURNING s.sku
                """)
            return changed.count
        }
    }

    func deleteProduct(_ id: Int64, of store: Int64) async throws -> Int {
        try await node.query(
            """
            UPDATE products SET deleted_at = now(), version = version + 1, updated_at = now()
            WHERE store_id = \(store) AND id = \(id) AND deleted_at IS NULL
                AND true
            RETURNING 1::bigint
            """, deadline: deadline
        ).count
    }

    func stock(_ sku: String, of store: Int64) async throws -> [Int] {
        try await node.read(
            """
            SELECT quantity, reserved, version, updated_at FROM skus
            WHERE store_id = \(store) AND sku = \(sku)
            """, deadline: deadline
        ).decode(Int.self)
    }

    // MARK: Orders

    func place(_ id: Int64, in store: Int64, sku: String, key: String) async throws -> [Bool] {
        try await node.query(
            """
            SELECT order_id, is_replayed, currency, total_minor, created_at, product_id, sku, quantity,
                unit_price_minor
            FROM place_order(
                \(store), \(id), \("ada"), \(key), \(String(repeating: "0", count: 64)),
                \([sku]), \([Int32(2)]), \(true))
            """, deadline: deadline
        ).map { try $0.value(1) }
    }

    private static let orders: Query = """
        SELECT o.id, o.customer_id, o.idempotency_key, o.status, o.currency, o.total_minor, o.created_at,
            i.skus, i.quantities, i.prices
        FROM orders AS o
        LEFT JOIN LATERAL (
            SELECT array_agg(v.sku) AS skus, array_agg(v.quantity) AS quantities,
                array_agg(v.unit_price_minor) AS prices
            FROM (
                SELECT sku, quantity, unit_price_minor FROM order_items
                WHERE store_id = o.store_id AND order_id = o.id ORDER BY sku
            ) AS v
        ) AS i ON true
        """

    func order(_ id: Int64, of store: Int64) async throws -> [String] {
        try await node.read(
            "\(Self.orders) WHERE o.store_id = \(store) AND o.id = \(id)", deadline: deadline
        ).map { try $0.value(3) }
    }

    func orders(of store: Int64) async throws -> [Int64] {
        try await node.query(
            """
            \(Self.orders) WHERE o.store_id = \(store) AND o.customer_id = \("ada")
            ORDER BY o.id DESC LIMIT \(Int64(21))
            """, deadline: deadline
        ).decode(Int64.self)
    }

    func cancel(_ id: Int64, of store: Int64) async throws -> [String] {
        try await node.unit(
            [
                "SELECT product_id FROM cancel_order(\(store), \(id))",
                "\(Self.orders) WHERE o.store_id = \(store) AND o.id = \(id)",
            ], deadline: deadline)[1].map { try $0.value(3) }
    }
}
