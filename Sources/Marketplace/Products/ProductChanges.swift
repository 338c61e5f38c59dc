import Postgres

/// The statements that change products. Each is whole in one statement, so that a change is one round trip, and holds
/// its locks no longer than that.
enum ProductChanges {
    /// Makes a product and its SKUs; nothing when there is no such store.
    static func create(_ id: ProductID, _ input: ProductInput) -> Query {
        """
        WITH made AS (
            INSERT INTO products (
                store_id, id, name, description, category, currency, brand_id, is_published, attributes)
            SELECT s.id, \(id.number), \(input.name), \(input.description ?? ""), \(input.category), s.currency,
                \(input.brand?.number), \(input.isPublished ?? true), \(input.attributes?.json ?? "{}")::jsonb
            FROM stores AS s WHERE s.id = \(id.store.number) AND s.deleted_at IS NULL
            RETURNING store_id, id
        )
        INSERT INTO skus (store_id, sku, product_id, price_minor, quantity, attributes)
        SELECT made.store_id, v.sku, made.id, v.price, v.quantity, coalesce(nullif(v.attributes, ''), '{}')::jsonb
        FROM made, \(variants(input))
        """
    }

    /// Changes a product, sets the prices of SKUs that it has and adds those that it has not; one row when it did.
    /// Raises ``SQLState/takenSKU`` when a SKU is another product's.
    static func update(_ id: ProductID, _ input: ProductInput, if precondition: Precondition) -> Query {
        var columns: Query = """
            name = \(input.name), description = \(input.description ?? ""), category = \(input.category)
            """
        if input.namesBrand { columns = "\(columns), brand_id = \(input.brand?.number)" }
        if let isPublished = input.isPublished { columns = "\(columns), is_published = \(isPublished)" }
        if let attributes = input.attributes { columns = "\(columns), attributes = \(attributes.json)" }
        return """
            WITH changed AS (
                UPDATE products SET \(columns), version = version + 1, updated_at = now()
                WHERE store_id = \(id.store.number) AND id = \(id.number) AND deleted_at IS NULL
                    AND \(precondition.condition)
                RETURNING store_id, id
            ), kept AS (
                INSERT INTO skus AS s (store_id, sku, product_id, price_minor, quantity, attributes)
                SELECT changed.store_id, v.sku, changed.id, v.price, v.quantity,
                    coalesce(nullif(v.attributes, '')::jsonb, old.attributes, '{}')
                FROM changed
                CROSS JOIN \(variants(input))
                LEFT JOIN skus AS old ON old.store_id = changed.store_id AND old.sku = v.sku
                ORDER BY v.sku
                ON CONFLICT (store_id, sku) DO UPDATE
                    SET price_minor = EXCLUDED.price_minor, attributes = EXCLUDED.attributes, version = s.version + 1,
                        updated_at = now()
                    WHERE s.product_id = EXCLUDED.product_id
                RETURNING s.sku
            )
            SELECT CASE WHEN (SELECT count(*) FROM kept) < \(Int64(input.skus?.count ?? 0))
                THEN refuse(\(SQLState.takenSKU.rawValue), 'the SKU is another product''s') ELSE true END
            FROM changed
            """
    }

    /// Marks a product as deleted; one row when it did.
    static func delete(_ id: ProductID, if precondition: Precondition) -> Query {
        """
        UPDATE products SET deleted_at = now(), version = version + 1, updated_at = now()
        WHERE store_id = \(id.store.number) AND id = \(id.number) AND deleted_at IS NULL AND \(precondition.condition)
        RETURNING version
        """
    }

    /// The SKUs that a client named as a table `v`; attributes that were not given are empty.
    private static func variants(_ input: ProductInput) -> Query {
        let variants = input.skus ?? []
        return """
            unnest(
                \(variants.map(\.sku)), \(variants.map(\.priceMinor)),
                \(variants.map { Int32(clamping: $0.quantity ?? 0) }), \(variants.map { $0.attributes?.json ?? "" }))
                AS v (sku, price, quantity, attributes)
            """
    }
}
