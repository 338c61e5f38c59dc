/// What a client says of a product: `{"name", "description", "category", "skus": [{"sku", "priceMinor", "quantity"}]}`.
///
/// In a change, SKUs that the product has get the price, new ones are added, others stay; the quantity counts only for
/// new ones, since stock changes by orders and adjustments.
public struct ProductInput: Decodable, Sendable, Hashable {
    /// One variant.
    public struct Variant: Decodable, Sendable, Hashable {
        /// Unique within the store.
        public let sku: String
        /// In minor units of the store's currency.
        public let priceMinor: Int64
        /// On hand at first; zero when not given.
        public let quantity: Int?

        /// Makes a variant.
        public init(sku: String, priceMinor: Int64, quantity: Int? = nil) {
            self.sku = sku
            self.priceMinor = priceMinor
            self.quantity = quantity
        }
    }

    public let name: String
    /// Plain text; nil for none.
    public let description: String?
    /// Lower-case words joined by hyphens.
    public let category: String
    /// Nil leaves them as they are.
    public let skus: [Variant]?

    /// Makes the body of a product.
    public init(name: String, description: String? = nil, category: String, skus: [Variant]? = nil) {
        self.name = name
        self.description = description
        self.category = category
        self.skus = skus
    }

    static let maximumVariants = 100
    static let maximumPriceMinor: Int64 = 1_000_000_000_000
    static let maximumQuantity = 1_000_000_000

    /// What is wrong with it; empty when nothing is.
    /// - Parameter isNew: a new product needs a SKU.
    public func faults(isNew: Bool) -> [Problem.Detail] {
        var faults = Validation.name(name, pointer: "/name")
        if let description, description.unicodeScalars.count > 5000 || !Validation.isPrintable(description) {
            faults.append(
                Problem.Detail(pointer: "/description", message: "has to be at most 5000 characters"))
        }
        if !ProductFilter.isValidCategory(category) {
            faults.append(
                Problem.Detail(pointer: "/category", message: "has to be 1 to 64 of a-z, 0-9 and '-', not '-' first"))
        }
        let variants = skus ?? []
        if isNew && variants.isEmpty {
            faults.append(Problem.Detail(pointer: "/skus", message: "has to name at least one SKU"))
        }
        if variants.count > Self.maximumVariants {
            faults.append(Problem.Detail(pointer: "/skus", message: "may name at most \(Self.maximumVariants) SKUs"))
            return faults
        }
        var seen: Set<String> = []
        for (index, variant) in variants.enumerated() {
            faults += Self.faults(of: variant, pointer: "/skus/\(index)")
            if !seen.insert(variant.sku).inserted {
                faults.append(Problem.Detail(pointer: "/skus/\(index)/sku", message: "is named twice"))
            }
        }
        return faults
    }

    private static func faults(of variant: Variant, pointer: String) -> [Problem.Detail] {
        var faults: [Problem.Detail] = []
        if !SKU.isValidCode(variant.sku) {
            faults.append(Problem.Detail(pointer: pointer + "/sku", message: "has to be \(SKU.codeRule)"))
        }
        if !(0...maximumPriceMinor).contains(variant.priceMinor) {
            faults.append(
                Problem.Detail(pointer: pointer + "/priceMinor", message: "has to be 0 to \(maximumPriceMinor)"))
        }
        if let quantity = variant.quantity, !(0...maximumQuantity).contains(quantity) {
            faults.append(Problem.Detail(pointer: pointer + "/quantity", message: "has to be 0 to \(maximumQuantity)"))
        }
        return faults
    }
}
