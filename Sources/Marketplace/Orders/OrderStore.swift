import Postgres

/// The SQL of orders. Everything is read from the primary: an order is read to be acted upon.
struct OrderStore: Sendable {
    let database: RoutedDatabase
    let cache: CacheAside
    let ids: IDGenerator
    /// Whether a key is accepted once.
    let isGuarded: Bool

    /// Refusals that `place_order` raises.
    private static let insufficientStock: SQLState = "MP001"
    private static let unknownSKU: SQLState = "MP002"
    private static let keyReused: SQLState = "MP003"

    // MARK: Placing

    /// Takes an order: the key, the stock, the order and its items in one transaction and one round trip.
    /// - Returns: the order, and whether it had been placed before under this key.
    /// - Throws: ``Problem`` `insufficient_stock`, `idempotency_key_reused`, `validation_failed` for an unknown SKU,
    ///   `outcome_unknown` when no answer came: the same key settles it.
    func place(
        _ input: OrderInput, in store: StoreID, for customer: String, key: String, trace: RequestTrace
    ) async throws -> (order: Order, isReplayed: Bool) {
        // Sorted here as well, so that the statement reads the same whatever order was asked.
        let items = input.items.sorted { $0.sku < $1.sku }
        let rows: Rows
        do {
            rows = try await database.write(store.routingKey, trace: trace) { node, deadline in
                try await node.query(
                    """
                    SELECT order_id, is_replayed, currency, total_minor, created_at, product_id, sku, quantity,
                        unit_price_minor
                    FROM place_order(
                        \(store.number), \(ids.order(of: store).number), \(customer), \(key), \(input.fingerprint),
                        \(items.map(\.sku)), \(items.map { Int32($0.quantity) }), \(isGuarded))
                    """, deadline: deadline)
            }
        } catch let error as PostgresError {
            throw refusal(error, input)
        }
        let isReplayed: Bool = try rows[0].value(1)
        if !isReplayed {
            let products = try Set(rows.map { ProductID(store: store, number: try $0.value(5)) })
            await cache.invalidate(store: store, products: Array(products))
        }
        return (try Self.placed(rows, in: store, for: customer, key: key), isReplayed)
    }

    /// The order as it was accepted: a replay gives the same answer whatever has become of the order since.
    private static func placed(
        _ rows: Rows, in store: StoreID, for customer: String, key: String
    ) throws -> Order {
        let (id, _, currency, total, createdAt) = try rows[0].decode(
            Int64.self, Bool.self, String.self, Int64.self, PostgresTimestamp.self)
        return Order(
            id: OrderID(store: store, number: id), customer: customer, idempotencyKey: key, status: .placed,
            currency: currency, totalMinor: total,
            items: try rows.map {
                Order.Item(sku: try $0.value(6), quantity: try $0.value(7), unitPriceMinor: try $0.value(8))
            },
            createdAt: Timestamp(createdAt))
    }

    private func refusal(_ error: PostgresError, _ input: OrderInput) -> any Error {
        let sku = error.serverError?.detail
        let pointer = input.pointer(of: sku)
        switch error.sqlState {
        case Self.insufficientStock:
            return Problem(
                .insufficientStock, "There is not enough of \(sku ?? "a SKU").",
                errors: [Problem.Detail(pointer: pointer + "/quantity", message: "is more than there is")])
        case Self.unknownSKU:
            return Problem(
                .validationFailed, "The store does not sell \(sku ?? "a SKU").",
                errors: [Problem.Detail(pointer: pointer + "/sku", message: "is not sold in this store")])
        case Self.keyReused:
            return Problem(.idempotencyKeyReused, "Use a new Idempotency-Key for a new order.")
        default: return error
        }
    }

    // MARK: Reading

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

    func find(_ id: OrderID, trace: RequestTrace) async throws -> Order? {
        let rows = try await database.readPrimary(id.store.routingKey, .point, trace: trace, Self.one(id))
        return try rows.first.map { try Order(row: $0, store: id.store) }
    }

    /// Newest first.
    /// - Parameters:
    ///   - customer: only this one's; nil for everybody's.
    ///   - after: only those created after this moment.
    func list(
        _ page: PageRequest, of store: StoreID, customer: String?, after: Timestamp?, trace: RequestTrace
    ) async throws -> Page<Order> {
        var query: Query = "\(Self.selection) WHERE o.store_id = \(store.number)"
        if let customer { query = "\(query) AND o.customer_id = \(customer)" }
        if let after { query = "\(query) AND o.created_at > \(after.forDatabase)" }
        if let cursor = page.cursor { query = "\(query) AND o.id < \(cursor.number)" }
        query = "\(query) ORDER BY o.id DESC LIMIT \(Int64(page.limit + 1))"
        let rows = try await database.readPrimary(store.routingKey, .list, trace: trace, query)
        return Page(try rows.map { try Order(row: $0, store: store) }, limit: page.limit) { $0.id.number }
    }

    private static func one(_ id: OrderID) -> Query {
        "\(selection) WHERE o.store_id = \(id.store.number) AND o.id = \(id.number)"
    }

    // MARK: Cancelling

    /// Cancels an order and returns its stock; one that is cancelled stays so, and is no error. Nil: there is none.
    func cancel(_ id: OrderID, trace: RequestTrace) async throws -> Order? {
        let results = try await database.write(id.store.routingKey, trace: trace) { node, deadline in
            try await node.unit(
                ["SELECT product_id FROM cancel_order(\(id.store.number), \(id.number))", Self.one(id)],
                deadline: deadline)
        }
        let products = try Set(results[0].map { ProductID(store: id.store, number: try $0.value(0)) })
        if !products.isEmpty { await cache.invalidate(store: id.store, products: Array(products)) }
        return try results[1].first.map { try Order(row: $0, store: id.store) }
    }
}

extension Order {
    /// A row of ``OrderStore/selection``.
    fileprivate init(row: Row, store: StoreID) throws {
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
