import Postgres

/// The SQL of stock. It is read where it is written: whoever asks for it is about to decide something.
struct InventoryStore: Sendable {
    let database: RoutedDatabase

    static func one(_ sku: String, of store: StoreID) -> Query {
        """
        SELECT quantity, reserved, version, updated_at FROM skus
        WHERE store_id = \(store.number) AND sku = \(sku)
        """
    }

    func find(_ sku: String, of store: StoreID, trace: RequestTrace) async throws -> InventoryItem? {
        let rows = try await database.readPrimary(
            store.routingKey, .tenant(store), trace: trace, Self.one(sku, of: store))
        guard let row = rows.first else { return nil }
        let (quantity, reserved, version, updatedAt) = try row.decode(
            Int32.self, Int32.self, Int64.self, PostgresTimestamp.self)
        return InventoryItem(
            sku: sku, store: store, quantity: quantity, reserved: reserved, version: version,
            updatedAt: Timestamp(updatedAt))
    }
}
