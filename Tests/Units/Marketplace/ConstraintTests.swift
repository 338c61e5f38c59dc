import Postgres
import Testing

@testable import Marketplace

/// A state that must not be, and what the database says to it.
struct Impossible: Sendable, CustomStringConvertible {
    let what: String
    let statement: String
    /// Any of them.
    let states: [SQLState]

    init(_ what: String, _ states: SQLState..., by statement: String) {
        self.what = what
        self.statement = statement
        self.states = states
    }

    var description: String { what }
}

@Suite("bad states are impossible", .timeLimit(.minutes(3)))
struct ConstraintTests {
    private static let productColumns = "INSERT INTO products (store_id, id, name, category, currency"
    private static let categoryColumns = "INSERT INTO categories (store_id, id, parent_id, slug, name) VALUES"
    private static let skuColumns = "INSERT INTO skus (store_id, sku, product_id, price_minor, quantity) VALUES"
    private static let orderColumns =
        "INSERT INTO orders (store_id, id, customer_id, idempotency_key, status, currency, total_minor) VALUES"
    private static let itemColumns =
        "INSERT INTO order_items (store_id, order_id, sku, quantity, unit_price_minor) VALUES"
    private static let keyColumns =
        "INSERT INTO idempotency_keys (store_id, customer_id, key, request_hash, order_id) VALUES"

    static let stores: [Impossible] = [
        Impossible("a store numbered 0", .checkViolation, by: "INSERT INTO stores VALUES (0, 'x', 'EUR')"),
        Impossible("two stores of one number", .uniqueViolation, by: "INSERT INTO stores VALUES (1, 'x', 'EUR')"),
        Impossible("no currency", .checkViolation, by: "INSERT INTO stores VALUES (5, 'x', 'euro')"),
        Impossible("no name", .checkViolation, by: "INSERT INTO stores VALUES (5, '', 'EUR')"),
        Impossible(
            "another currency while there are products", .foreignKeyViolation,
            by: "UPDATE stores SET currency = 'CHF' WHERE id = 1"),
        Impossible("a version that is none", .checkViolation, by: "UPDATE stores SET version = 0 WHERE id = 1"),
        Impossible(
            "two brands of a name", .uniqueViolation,
            by: "INSERT INTO brands (store_id, id, name) VALUES (1, 12, 'BRAMBLE')"),
        Impossible(
            "a brand of no store", .foreignKeyViolation,
            by: "INSERT INTO brands (store_id, id, name) VALUES (5, 12, 'x')"),
        Impossible(
            "a deleted store that has products", .stillInUse, by: "UPDATE stores SET deleted_at = now() WHERE id = 1"),
        Impossible(
            "a deleted brand that products have", .stillInUse,
            by: "UPDATE brands SET deleted_at = now() WHERE id = 10"),
    ]

    static let categories: [Impossible] = [
        Impossible("its own parent", .checkViolation, by: categoryColumns + " (1, 103, 103, 'x', 'x')"),
        Impossible("a circle", .circle, by: "UPDATE categories SET parent_id = 101 WHERE id = 100"),
        Impossible(
            "a parent in another store", .foreignKeyViolation, .unknownParent,
            by: categoryColumns + " (1, 103, 200, 'x', 'x')"),
        Impossible(
            "a deleted parent", .unknownParent,
            by: "UPDATE categories SET deleted_at = now() WHERE id = 102; "
                + categoryColumns + " (1, 103, 102, 'x', 'x')"),
        Impossible(
            "nine levels", .tooDeep,
            by: categoryColumns + " (1, 300, NULL, 's300', 'x'), "
                + (301...308).map { "(1, \($0), \($0 - 1), 's\($0)', 'x')" }.joined(separator: ", ")),
        Impossible(
            "nine levels by hanging a tree on another", .tooDeep,
            by: categoryColumns + " (1, 300, NULL, 's300', 'x'), "
                + (301...306).map { "(1, \($0), \($0 - 1), 's\($0)', 'x')" }.joined(separator: ", ")
                + "; UPDATE categories SET parent_id = 101 WHERE id = 300"),
        Impossible("another slug", .slugChanged, by: "UPDATE categories SET slug = 'void' WHERE id = 102"),
        Impossible("two of a slug", .uniqueViolation, by: categoryColumns + " (1, 103, NULL, 'mugs', 'x')"),
        Impossible("a slug that is none", .checkViolation, by: categoryColumns + " (1, 103, NULL, 'No Slug', 'x')"),
        Impossible(
            "deleted above others", .stillInUse, by: "UPDATE categories SET deleted_at = now() WHERE id = 100"),
        Impossible(
            "deleted around products", .stillInUse, by: "UPDATE categories SET deleted_at = now() WHERE id = 101"),
    ]

    static let products: [Impossible] = [
        Impossible(
            "of a deleted store", .unknownStore,
            by: "UPDATE products SET deleted_at = now() WHERE store_id = 1; "
                + "UPDATE stores SET deleted_at = now() WHERE id = 1; "
                + productColumns + ") VALUES (1, 1, 'x', 'y', 'EUR')"),
        Impossible("of no store", .unknownStore, by: productColumns + ") VALUES (5, 1, 'x', 'y', 'EUR')"),
        Impossible(
            "in another currency than its store", .foreignKeyViolation,
            by: productColumns + ") VALUES (1, 1, 'x', 'y', 'USD')"),
        Impossible("two of one number", .uniqueViolation, by: productColumns + ") VALUES (1, 1000, 'x', 'y', 'EUR')"),
        Impossible("in no category", .notNullViolation, by: productColumns + ") VALUES (1, 1, 'x', NULL, 'EUR')"),
        Impossible(
            "in a category that is none", .checkViolation, by: productColumns + ") VALUES (1, 1, 'x', 'A B', 'EUR')"),
        Impossible(
            "outside the tree, whatever triggers there are", .checkViolation,
            by: "ALTER TABLE products DISABLE TRIGGER USER; " + productColumns
                + ") VALUES (1, 1, 'x', 'mugs', 'EUR')"),
        Impossible(
            "with another slug than its category's", .foreignKeyViolation,
            by: productColumns + ", category_id, deleted_at) VALUES (1, 1, 'x', 'mugs', 'EUR', 100, now())"),
        Impossible(
            "of another store's brand", .unknownBrand,
            by: productColumns + ", brand_id) VALUES (1, 1, 'x', 'mugs', 'EUR', 20)"),
        Impossible(
            "of a brand that was deleted", .unknownBrand, by: "UPDATE products SET brand_id = 11 WHERE id = 1000"),
        Impossible("neither published nor not", .notNullViolation, by: "UPDATE products SET is_published = NULL"),
        Impossible("attributes that are a list", .checkViolation, by: "UPDATE products SET attributes = '[]'"),
        Impossible(
            "attributes beyond measure", .checkViolation,
            by: "UPDATE products SET attributes = jsonb_build_object('a', repeat('x', 20000))"),
        Impossible(
            "deleted for good while it has SKUs", .foreignKeyViolation, by: "DELETE FROM products WHERE id = 1000"),
    ]

    static let stock: [Impossible] = [
        Impossible("less than nothing", .checkViolation, by: "UPDATE skus SET quantity = -1"),
        Impossible("more reserved than there is", .checkViolation, by: "UPDATE skus SET reserved = quantity + 1"),
        Impossible("less than nothing reserved", .checkViolation, by: "UPDATE skus SET reserved = -1"),
        Impossible("a negative price", .checkViolation, by: "UPDATE skus SET price_minor = -1"),
        Impossible("one code twice in a store", .uniqueViolation, by: skuColumns + " (1, 'MUG', 1001, 1, 1)"),
        Impossible("a code that is none", .checkViolation, by: skuColumns + " (1, 'A B', 1000, 1, 1)"),
        Impossible("of another store's product", .foreignKeyViolation, by: skuColumns + " (1, 'X', 2000, 1, 1)"),
        Impossible("attributes that are nothing", .checkViolation, by: "UPDATE skus SET attributes = 'null'"),
    ]

    static let orders: [Impossible] = [
        Impossible(
            "cancelled at no time", .checkViolation, by: orderColumns + " (1, 9, 'a', 'k', 'cancelled', 'EUR', 1)"),
        Impossible("a status that is none", .checkViolation, by: orderColumns + " (1, 9, 'a', 'k', 'lost', 'EUR', 1)"),
        Impossible("a negative total", .checkViolation, by: orderColumns + " (1, 9, 'a', 'k', 'placed', 'EUR', -1)"),
        Impossible("two of one number", .uniqueViolation, by: orderColumns + " (1, 1, 'a', 'k', 'placed', 'EUR', 1)"),
        Impossible("nothing of something", .checkViolation, by: itemColumns + " (1, 1, 'SECRET', 0, 1)"),
        Impossible("an item of no order", .foreignKeyViolation, by: itemColumns + " (1, 9, 'MUG', 1, 1)"),
        Impossible("an item that nobody sells", .foreignKeyViolation, by: itemColumns + " (1, 1, 'NONE', 1, 1)"),
        Impossible("one item twice", .uniqueViolation, by: itemColumns + " (1, 1, 'MUG', 1, 1)"),
        Impossible("one key twice", .uniqueViolation, by: keyColumns + " (1, 'ada', 'k1', repeat('1', 64), 1)"),
        Impossible(
            "a key without its order", .foreignKeyViolation, by: keyColumns + " (1, 'ada', 'k9', repeat('1', 64), 9)"),
        Impossible(
            "two people of one address", .uniqueViolation,
            by: "INSERT INTO users (id, name, email) VALUES ('us_2', 'Bob', 'ada@example.com')"),
        Impossible(
            "an address that is none", .checkViolation,
            by: "INSERT INTO users (id, name, email) VALUES ('us_2', 'Bob', 'nowhere')"),
    ]

    @Test(
        "by a constraint of their own",
        arguments: [
            ("stores_and_brands", stores), ("categories", categories), ("products", products), ("stock", stock),
            ("orders", orders),
        ])
    func impossible(name: String, cases: [Impossible]) async throws {
        try await SchemaDatabase.with("constraints_" + name) { database in
            try await database.run(SchemaDatabase.twoStores)
            for bad in cases {
                let error = await failure { try await database.run(bad.statement) }
                let state = error?.sqlState
                #expect(bad.states.contains { $0 == state }, "\(bad.what): \(state?.rawValue ?? "was accepted")")
            }
        }
    }
}
