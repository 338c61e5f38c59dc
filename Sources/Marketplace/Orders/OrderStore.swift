import Postgres

/// The SQL of orders. Everything is read from the primary: an order is read to be acted upon.
struct OrderStore: Sendable {
    let database: RoutedDatabase
    let cache: TieredCache
    let ids: IDGenerator
    /// Whether a key is accepted once.
    let isGuarded: Bool

    // MARK: Placing

    /// Takes an order: the key, the stock, the order and its items in one transaction and one round trip.
    /// - Returns: the order, and whether it had been placed before under this key.
    /// - Throws: ``Problem`` `insufficient_stock`, `idempotency_key_reused`, `validation_failed` for an unknown SKU,
    ///   `outcome_unknown` when no answer came: the same key settles it.
    func place(
        _ input: OrderInput, in store: StoreID, for customer: String, key: String, trace: RequestTrace
    ) async throws -> (order: Order, isReplayed: Bool) {
        let rows: Rows
        do {
            let id: OrderID = ids.item(of: store)
            rows = try await database.write(store, trace: trace) { writer in
                try await writer.query(
                    OrderQueries.place(id, input, for: customer, key: key, isGuarded: isGuarded))
            }
        } catch let error as PostgresError {
            throw refusal(error, input)
        }
        let isReplayed: Bool = try rows[0].value(1)
        if !isReplayed {
            let products = try Set(rows.map { ProductID(store: store, number: try $0.value(5)) })
            await cache.invalidate(store: store, products: Array(products), trace: trace)
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
        case .insufficientStock:
            return Problem(
                .insufficientStock, "There is not enough of \(sku ?? "a SKU").",
                errors: [Problem.Detail(pointer: pointer + "/quantity", message: "is more than there is")])
        case .unknownSKU:
            return Problem(
                .validationFailed, "The store does not sell \(sku ?? "a SKU").",
                errors: [Problem.Detail(pointer: pointer + "/sku", message: "is not sold in this store")])
        case .keyReused:
            return Problem(.idempotencyKeyReused, "Use a new Idempotency-Key for a new order.")
        default: return error
        }
    }

    // MARK: Reading

    func find(_ id: OrderID, trace: RequestTrace) async throws -> Order? {
        let rows = try await database.readPrimary(
            id.store.routingKey, .tenant(id.store), trace: trace, OrderQueries.one(id))
        return try rows.first.map { try Order(row: $0, store: id.store) }
    }

    /// Newest first.
    /// - Parameters:
    ///   - customer: only this one's; nil for everybody's.
    ///   - after: only those created after this moment.
    func list(
        _ page: PageRequest, of store: StoreID, customer: String?, after: Timestamp?, trace: RequestTrace
    ) async throws -> Page<Order> {
        let query = OrderQueries.page(page, of: store, customer: customer, after: after)
        let rows = try await database.readPrimary(store.routingKey, .tenant(store), trace: trace, query)
        return Page(try rows.map { try Order(row: $0, store: store) }, limit: page.limit) { $0.id.number }
    }

    // MARK: Cancelling

    /// Cancels an order and returns its stock; one that is cancelled stays so, and is no error. Nil: there is none.
    func cancel(_ id: OrderID, trace: RequestTrace) async throws -> Order? {
        let results = try await database.write(id.store, trace: trace) { writer in
            try await writer.unit([OrderQueries.cancel(id), OrderQueries.one(id)])
        }
        let products = try Set(results[0].map { ProductID(store: id.store, number: try $0.value(0)) })
        if !products.isEmpty {
            await cache.invalidate(store: id.store, products: Array(products), trace: trace)
        }
        return try results[1].first.map { try Order(row: $0, store: id.store) }
    }
}
