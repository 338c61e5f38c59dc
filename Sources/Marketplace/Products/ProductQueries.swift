import Postgres

/// The statements that read products. Readers get published ones, on any connection; drafts are seen only inside their
/// store's own transactions.
enum ProductQueries {
    /// What ``Product/init(row:store:from:)`` reads, from ``source``.
    static let columns: Query = """
        p.id, p.name, p.description, p.category, p.currency, p.version, p.created_at, p.updated_at, p.brand_id,
            p.is_published, p.attributes, s.codes, s.prices, s.quantities, s.attributes
        """

    /// Products as `p`, each with its SKUs.
    static let source: Query = """
        products AS p
        LEFT JOIN LATERAL (
            SELECT array_agg(v.sku) AS codes, array_agg(v.price_minor) AS prices, array_agg(v.quantity) AS quantities,
                array_agg(v.attributes::text) AS attributes
            FROM (
                SELECT sku, price_minor, quantity, attributes FROM skus
                WHERE store_id = p.store_id AND product_id = p.id ORDER BY sku
            ) AS v
        ) AS s ON true
        """

    static let selection: Query = "SELECT \(columns) FROM \(source)"

    /// Whom readers get to see.
    static let isPublic: Query = "p.deleted_at IS NULL AND p.is_published"

    /// One that readers may see.
    static func published(_ id: ProductID) -> Query {
        "\(selection) WHERE p.store_id = \(id.store.number) AND p.id = \(id.number) AND \(isPublic)"
    }

    /// One that is there, drafts included.
    static func any(_ id: ProductID) -> Query {
        "\(selection) WHERE p.store_id = \(id.store.number) AND p.id = \(id.number) AND p.deleted_at IS NULL"
    }

    /// One page of a store's published products, newest first.
    static func page(_ filter: ProductFilter, _ page: PageRequest, of store: StoreID) -> Query {
        var query: Query = "\(selection) WHERE p.store_id = \(store.number) AND \(isPublic)"
        if let category = filter.category { query = "\(query) AND p.category = \(category)" }
        if let brand = filter.brand { query = "\(query) AND p.brand_id = \(brand.number)" }
        if let words = filter.searchExpression { query = "\(query) AND p.words @@ to_tsquery('simple', \(words))" }
        if let cursor = page.cursor { query = "\(query) AND p.id < \(cursor.number)" }
        return "\(query) ORDER BY p.id DESC LIMIT \(Int64(page.limit + 1))"
    }
}

extension Product {
    /// The ``ProductQueries/columns`` of a row.
    /// - Parameter first: where they begin.
    init(row: Row, store: StoreID, from first: Int = 0) throws {
        let brand: Int64? = try row.value(first + 8)
        let codes: [String] = try row.value(first + 11, as: [String]?.self) ?? []
        let prices: [Int64] = try row.value(first + 12, as: [Int64]?.self) ?? []
        let quantities: [Int32] = try row.value(first + 13, as: [Int32]?.self) ?? []
        let attributes: [String] = try row.value(first + 14, as: [String]?.self) ?? []
        self.init(
            id: ProductID(store: store, number: try row.value(first)), name: try row.value(first + 1),
            description: try row.value(first + 2), category: try row.value(first + 3),
            brand: brand.map { BrandID(store: store, number: $0) }, isPublished: try row.value(first + 9),
            attributes: try row.value(first + 10), currency: try row.value(first + 4),
            version: try row.value(first + 5), createdAt: Timestamp(try row.value(first + 6)),
            updatedAt: Timestamp(try row.value(first + 7)),
            skus: codes.indices.map {
                SKU(code: codes[$0], priceMinor: prices[$0], quantity: quantities[$0], attributes: attributes[$0])
            })
    }
}
