extension ProductInput {
    static let maximumVariants = 100
    static let maximumPriceMinor: Int64 = 1_000_000_000_000
    static let maximumQuantity = 1_000_000_000
    static let unknownBrand = Problem.Detail(pointer: "/brandId", message: "is no brand of this store")

    /// What is wrong with it; empty when nothing is.
    /// - Parameters:
    ///   - isNew: a new product needs a SKU.
    ///   - store: where its brand has to be.
    public func faults(isNew: Bool, in store: StoreID) -> [Problem.Detail] {
        var faults = Validation.name(name, pointer: "/name")
        if let description, description.unicodeScalars.count > 5000 || !Validation.isPrintable(description) {
            faults.append(
                Problem.Detail(pointer: "/description", message: "has to be at most 5000 characters"))
        }
        if !Category.isValidSlug(category) {
            faults.append(Problem.Detail(pointer: "/category", message: "has to be \(Category.slugRule)"))
        }
        if let brandId, BrandID(brandId)?.store != store { faults.append(Self.unknownBrand) }
        faults += attributes?.faults(pointer: "/attributes") ?? []
        return faults + variantFaults(isNew: isNew)
    }

    private func variantFaults(isNew: Bool) -> [Problem.Detail] {
        let variants = skus ?? []
        if isNew && variants.isEmpty {
            return [Problem.Detail(pointer: "/skus", message: "has to name at least one SKU")]
        }
        if variants.count > Self.maximumVariants {
            return [Problem.Detail(pointer: "/skus", message: "may name at most \(Self.maximumVariants) SKUs")]
        }
        var faults: [Problem.Detail] = []
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
        return faults + (variant.attributes?.faults(pointer: pointer + "/attributes") ?? [])
    }
}
