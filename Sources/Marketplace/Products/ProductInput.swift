/// What a client says of a product: `{"name", "description", "category", "brandId", "isPublished", "attributes",
/// "skus": [{"sku", "priceMinor", "quantity", "attributes"}]}`.
///
/// In a change, name, description and category are replaced; brand, publication and attributes stay where they are not
/// named, since clients of before do not know them. SKUs that the product has get the price, new ones are added, others
/// stay; the quantity counts only for new ones, since stock changes by orders and adjustments.
public struct ProductInput: Sendable, Hashable {
    /// One variant.
    public struct Variant: Decodable, Sendable, Hashable {
        /// Unique within the store.
        public let sku: String
        /// In minor units of the store's currency.
        public let priceMinor: Int64
        /// On hand at first; zero when not given.
        public let quantity: Int?
        /// Nil leaves them as they are.
        public let attributes: Attributes?

        /// Makes a variant.
        public init(sku: String, priceMinor: Int64, quantity: Int? = nil, attributes: Attributes? = nil) {
            self.sku = sku
            self.priceMinor = priceMinor
            self.quantity = quantity
            self.attributes = attributes
        }
    }

    public let name: String
    /// Plain text; nil for none.
    public let description: String?
    /// A slug. One that no category of the store has makes a category at the top.
    public let category: String
    /// Whether the brand is named at all; otherwise it stays.
    public let namesBrand: Bool
    /// Nil for none.
    public let brandId: String?
    /// Whether readers see it; nil leaves it as it is, and publishes what is new.
    public let isPublished: Bool?
    /// Nil leaves them as they are.
    public let attributes: Attributes?
    /// Nil leaves them as they are.
    public let skus: [Variant]?

    /// Makes the body of a product that names no brand.
    public init(
        name: String, description: String? = nil, category: String, isPublished: Bool? = nil,
        attributes: Attributes? = nil, skus: [Variant]? = nil
    ) {
        self.name = name
        self.description = description
        self.category = category
        namesBrand = false
        brandId = nil
        self.isPublished = isPublished
        self.attributes = attributes
        self.skus = skus
    }

    /// Only after ``faults(isNew:in:)`` found none.
    var brand: BrandID? { brandId.flatMap { BrandID($0) } }
}

extension ProductInput: Decodable {
    private enum CodingKeys: String, CodingKey {
        case name, description, category, brandId, isPublished, attributes, skus
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        description = try container.decodeIfPresent(String.self, forKey: .description)
        category = try container.decode(String.self, forKey: .category)
        namesBrand = container.contains(.brandId)
        brandId = try container.decodeIfPresent(String.self, forKey: .brandId)
        isPublished = try container.decodeIfPresent(Bool.self, forKey: .isPublished)
        attributes = try container.decodeIfPresent(Attributes.self, forKey: .attributes)
        skus = try container.decodeIfPresent([Variant].self, forKey: .skus)
    }
}
