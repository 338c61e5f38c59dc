/// The stock of one SKU.
public struct InventoryItem: Sendable, Hashable {
    /// Unique within the store.
    public let sku: String
    /// The store that sells it.
    public let store: StoreID
    /// On hand.
    public let quantity: Int32
    /// Of those on hand, set aside; never more than there are.
    public let reserved: Int32
    /// Grows with every change of this SKU.
    public let version: Int64
    /// When stock last moved.
    public let updatedAt: Timestamp
}

extension InventoryItem: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("sku", sku)
            json.member("storeId", store.description)
            json.member("quantity", quantity)
            json.member("reserved", reserved)
            json.member("version", version)
            json.member("updatedAt", updatedAt.description)
        }
    }
}
