/// What a customer bought, at the prices of that moment.
public struct Order: Sendable, Hashable {
    /// Where an order stands.
    public enum Status: String, Sendable, CaseIterable {
        case placed, cancelled
    }

    /// One SKU of an order.
    public struct Item: Sendable, Hashable {
        /// What was bought.
        public let sku: String
        /// How many.
        public let quantity: Int32
        /// The price of one when it was ordered, in minor units.
        public let unitPriceMinor: Int64
    }

    /// Carries its store.
    public let id: OrderID
    /// Who ordered.
    public let customer: String
    /// The customer's name for this attempt.
    public let idempotencyKey: String
    /// Where it stands.
    public let status: Status
    /// ISO 4217.
    public let currency: String
    /// The sum of the items.
    public let totalMinor: Int64
    /// In order of their SKUs.
    public let items: [Item]
    /// When it was placed.
    public let createdAt: Timestamp
}

extension Order: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id.description)
            json.member("storeId", id.store.description)
            json.member("customerId", customer)
            json.member("idempotencyKey", idempotencyKey)
            json.member("status", status.rawValue)
            json.member("currency", currency)
            json.member("totalMinor", totalMinor)
            json.name("items")
            json.array(items) { json, item in
                json.object { json in
                    json.member("sku", item.sku)
                    json.member("quantity", item.quantity)
                    json.member("unitPriceMinor", item.unitPriceMinor)
                }
            }
            json.member("createdAt", createdAt.description)
        }
    }
}

/// Names an order.
public typealias OrderID = ItemID<Order>

extension Order: StoreItem {
    public static let idPrefix = "or_"
}
