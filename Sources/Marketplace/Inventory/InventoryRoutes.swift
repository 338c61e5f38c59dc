import Hummingbird

/// `/v1/stores/{store}/inventory`.
struct InventoryRoutes: Sendable {
    let inventory: InventoryStore

    @Sendable func get(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let (store, sku) = (try context.store(), try context.sku())
        guard let item = try await inventory.find(sku, of: store, trace: context.trace) else {
            throw Problem(.skuNotFound, "The store \(store) has no SKU \(sku).")
        }
        return Envelope.response(Envelope.body(item), version: item.version)
    }
}
