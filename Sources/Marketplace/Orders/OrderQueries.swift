import Postgres

/// The statements on orders; what they read and write only their store may see.
enum OrderQueries {
    private static let selection: Query = """
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

    static func one(_ id: OrderID) -> Query {
        "\(selection) WHERE o.store_id = \(id.store.number) AND o.id = \(id.number)"
    }

    /// Newest first; see ``OrderStore/list(_:of:customer:after:trace:)``.
    static func page(_ page: PageRequest, of store: StoreID, customer: String?, after: Timestamp?) -> Query {
        var query: Query = "\(selection) WHERE o.store_id = \(store.number)"
        if let customer { query = "\(query) AND o.customer_id = \(customer)" }
        if let after { query = "\(query) AND o.created_at > \(after.forDatabase)" }
        if let cursor = page.cursor { query = "\(query) AND o.id < \(cursor.number)" }
        return "\(query) ORDER BY o.id DESC LIMIT \(Int64(page.limit + 1))"
    }

    static func place(
        _ id: OrderID, _ input: OrderInput, for customer: String, key: String, isGuarded: Bool
    ) -> Query {
        // Sorted, so that the statement reads the same whatever order was asked.
        let items = input.items.sorted { $0.sku < $1.sku }
        return """
            SELECT order_id, is_replayed, currency, total_minor, created_at, product_id, sku, quantity,
                unit_price_minor
            FROM place_order(
                \(id.store.number), \(id.number), \(customer), \(key), \(input.fingerprint),
                \(items.map(\.sku)), \(items.map { Int32($0.quantity) }), \(isGuarded))
            """
    }

    /// Gives the products whose stock came back.
    static func cancel(_ id: OrderID) -> Query {
        "SELECT product_id FROM cancel_order(\(id.store.number), \(id.number))"
    }
}

extension Order {
    /// A row of ``OrderQueries/one(_:)``.
    init(row: Row, store: StoreID) throws {
        let (id, customer, key, status, currency, total, createdAt) = try row.decode(
            Int64.self, String.self, String.self, String.self, String.self, Int64.self, PostgresTimestamp.self)
        let skus: [String] = try row.value(7, as: [String]?.self) ?? []
        let quantities: [Int32] = try row.value(8, as: [Int32]?.self) ?? []
        let prices: [Int64] = try row.value(9, as: [Int64]?.self) ?? []
        self.init(
            id: OrderID(store: store, number: id), customer: customer, idempotencyKey: key,
            status: Status(rawValue: status) ?? .placed, currency: currency, totalMinor: total,
            items: skus.indices.map { Item(sku: skus[$0], quantity: quantities[$0], unitPriceMinor: prices[$0]) },
            createdAt: Timestamp(createdAt))
    }
}
