import Postgres

/// A SKU that seeded orders can name.
struct SeedOffer: Sendable {
    let sku: String
    let price: Int64
}

/// What a store sells: its brands, its tree of categories, its products with their SKUs.
extension SeedRows {
    /// One product in so many is a draft, has no brand, or stands in a department itself.
    private static let oneDraftOf = 50
    private static let oneUnbrandedOf = 8
    private static let oneUnsortedOf = 10

    /// - Returns: what can be ordered.
    mutating func addCatalogue(
        of store: StoreID, currency: String, products: Int, _ random: inout SeededRandom
    ) -> [SeedOffer] {
        let brands = addBrands(of: store, &random)
        let categories = addCategories(of: store, &random)
        var offers: [SeedOffer] = []
        for product in 0..<products {
            addProduct(
                product, of: store, currency: currency, brands: brands, categories: categories, offers: &offers, &random
            )
        }
        return offers
    }

    /// About half of the brands there are.
    private mutating func addBrands(of store: StoreID, _ random: inout SeededRandom) -> [Int64] {
        var numbers: [Int64] = []
        for name in SeedWords.brands where random.below(2) == 0 {
            let number = Self.number(at: SeedPlan.opening, &random)
            var row = CopyRow()
            row.append(store.number)
            row.append(number)
            row.append(name)
            row.append(SeedPlan.opening.forDatabase)
            row.append(SeedPlan.opening.forDatabase)
            brands.append(row)
            numbers.append(number)
        }
        return numbers
    }

    /// - Returns: their numbers by slug.
    private mutating func addCategories(of store: StoreID, _ random: inout SeededRandom) -> [String: Int64] {
        var numbers: [String: Int64] = [:]
        for department in SeedDepartment.all {
            let top = addCategory(department.slug, department.name, below: nil, of: store, &random)
            numbers[department.slug] = top
            for section in department.sections {
                numbers[section.slug] = addCategory(section.slug, section.name, below: top, of: store, &random)
            }
        }
        return numbers
    }

    private mutating func addCategory(
        _ slug: String, _ name: String, below parent: Int64?, of store: StoreID, _ random: inout SeededRandom
    ) -> Int64 {
        let number = Self.number(at: SeedPlan.opening, &random)
        var row = CopyRow()
        row.append(store.number)
        row.append(number)
        row.append(parent)
        row.append(slug)
        row.append(name)
        row.append(SeedPlan.opening.forDatabase)
        row.append(SeedPlan.opening.forDatabase)
        categories.append(row)
        return number
    }

    private mutating func addProduct(
        _ index: Int, of store: StoreID, currency: String, brands: [Int64], categories: [String: Int64],
        offers: inout [SeedOffer], _ random: inout SeededRandom
    ) {
        let department = random.pick(SeedDepartment.all)
        let section = random.pick(department.sections)
        let thing = random.pick(section.things)
        let quality = random.pick(SeedWords.qualities)
        let material = random.pick(SeedWords.materials)
        let created = Timestamp(microseconds: SeedPlan.opening.microseconds + Int64(index) * 60_000_000)
        let number = Self.number(at: created, &random)
        let isUnbranded = brands.isEmpty || random.below(Self.oneUnbrandedOf) == 0
        // The first is never a draft, so that a store with products has something to order.
        let isPublished = random.below(Self.oneDraftOf) > 0 || index == 0
        var row = CopyRow()
        row.append(store.number)
        row.append(number)
        row.append("\(quality) \(material) \(thing)")
        row.append(
            "\(thing) of \(material.lowercased()), \(quality.lowercased()) and made to last. Comes from a small maker.")
        let category = random.below(Self.oneUnsortedOf) == 0 ? department.slug : section.slug
        row.append(category)
        row.append(categories[category])
        row.append(currency)
        row.append(isUnbranded ? nil : random.pick(brands))
        row.append(isPublished)
        row.append(Self.attributes(material: material, &random))
        row.append(created.forDatabase)
        row.append(created.forDatabase)
        products.append(row)
        addVariants(of: number, thing: thing, index, isPublished: isPublished, of: store, offers: &offers, &random)
    }

    private mutating func addVariants(
        of product: Int64, thing: String, _ index: Int, isPublished: Bool, of store: StoreID,
        offers: inout [SeedOffer], _ random: inout SeededRandom
    ) {
        let base = Int64(300 + random.below(12_000))
        for variant in 0...random.below(3) {
            let size = SeedWords.variants[variant]
            let code = "\(thing.prefix(3).uppercased())-\(index)-\(size)"
            let price = base + Int64(variant) * 250
            var row = CopyRow()
            row.append(store.number)
            row.append(code)
            row.append(product)
            row.append(price)
            row.append(200 + random.below(1800))
            row.append(#"{"size":"\#(size)"}"#)
            skus.append(row)
            if isPublished { offers.append(SeedOffer(sku: code, price: price)) }
        }
    }

    /// Written out, since the words need no escaping: a hundred thousand of them are made at once.
    private static func attributes(material: String, _ random: inout SeededRandom) -> String {
        let colour = random.pick(SeedWords.colours)
        let grams = 50 * (1 + random.below(60))
        let isRecycled = random.below(4) == 0
        return #"{"colour":"\#(colour)","isRecycled":\#(isRecycled),"material":"\#(material)","weightGrams":\#(grams)}"#
    }

    static func number(at moment: Timestamp, _ random: inout SeededRandom) -> Int64 {
        IDGenerator.timeOrdered(milliseconds: moment.microseconds / 1000, random: random.next())
    }
}
