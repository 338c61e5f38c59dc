/// Something that a store sells, in one or more variants.
public struct Product: Sendable, Hashable {
    /// Carries its store.
    public let id: ProductID
    public let name: String
    /// Plain text; empty when there is none.
    public let description: String
    /// The slug of its category.
    public let category: String
    /// Who makes it; nil when nobody said.
    public let brand: BrandID?
    /// Whether readers see it and it can be ordered.
    public let isPublished: Bool
    /// A JSON object as the database keeps it; see ``Attributes``.
    public let attributes: String
    /// ISO 4217, the store's.
    public let currency: String
    /// Grows with every change.
    public let version: Int64
    /// When it was made.
    public let createdAt: Timestamp
    /// When it was last changed.
    public let updatedAt: Timestamp
    /// In order of their codes.
    public let skus: [SKU]
}

/// One variant of a product: what is priced, counted and ordered.
public struct SKU: Sendable, Hashable {
    /// Unique within the store.
    public let code: String
    /// In minor units of the store's currency.
    public let priceMinor: Int64
    /// On hand.
    public let quantity: Int32
    /// A JSON object as the database keeps it; see ``Attributes``.
    public let attributes: String

    static let codeRule = "1 to 64 letters, digits, '.', '_' or '-'"

    static func isValidCode(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }
}

extension Product: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id.description)
            json.member("storeId", id.store.description)
            json.member("name", name)
            json.member("description", description)
            json.member("category", category)
            json.member("brandId", brand?.description)
            json.member("isPublished", isPublished)
            json.name("attributes")
            json.raw(attributes)
            json.member("currency", currency)
            json.member("version", version)
            json.member("createdAt", createdAt.description)
            json.member("updatedAt", updatedAt.description)
            json.name("skus")
            json.array(skus)
        }
    }
}

extension SKU: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("sku", code)
            json.member("priceMinor", priceMinor)
            json.member("quantity", quantity)
            json.name("attributes")
            json.raw(attributes)
        }
    }
}

/// Names a product.
public typealias ProductID = ItemID<Product>

extension Product: StoreItem {
    public static let idPrefix = "pr_"
}
