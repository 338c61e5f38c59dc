import Postgres

/// One table's rows, ready to be copied.
struct SeedTable: Sendable {
    let name: String
    let columns: [String]
    let rows: [CopyRow]
}

extension SeedRows {
    /// In the order of their references.
    var tables: [SeedTable] {
        [
            SeedTable(name: "stores", columns: ["id", "name", "currency", "created_at", "updated_at"], rows: stores),
            SeedTable(
                name: "brands", columns: ["store_id", "id", "name", "created_at", "updated_at"], rows: brands),
            SeedTable(
                name: "categories",
                columns: ["store_id", "id", "parent_id", "slug", "name", "created_at", "updated_at"], rows: categories),
            SeedTable(
                name: "products",
                columns: [
                    "store_id", "id", "name", "description", "category", "category_id", "currency", "brand_id",
                    "is_published", "attributes", "created_at", "updated_at",
                ], rows: products),
            SeedTable(
                name: "skus",
                columns: ["store_id", "sku", "product_id", "price_minor", "quantity", "attributes"], rows: skus),
            SeedTable(name: "users", columns: ["id", "name", "email", "created_at"], rows: users),
            SeedTable(
                name: "orders",
                columns: [
                    "store_id", "id", "customer_id", "idempotency_key", "status", "currency", "total_minor",
                    "created_at",
                ], rows: orders),
            SeedTable(
                name: "order_items", columns: ["store_id", "order_id", "sku", "quantity", "unit_price_minor"],
                rows: items),
            SeedTable(
                name: "idempotency_keys",
                columns: ["store_id", "customer_id", "key", "request_hash", "order_id", "created_at"], rows: keys),
        ]
    }
}
