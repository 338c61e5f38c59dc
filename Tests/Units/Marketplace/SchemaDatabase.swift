import Postgres
import Testing

@testable import Marketplace
@testable import Postgres

/// A database with the marketplace's schema, seen by its owner and by the role that serves.
struct SchemaDatabase: Sendable {
    let owner: PostgresNode
    let application: PostgresNode

    private static let server = SharedServer(options: ["max_connections=400"])

    /// Makes a database of its own, migrated.
    static func with<Result: Sendable>(
        _ name: String, migrations: [Migration] = Migrations.all,
        _ body: (SchemaDatabase) async throws -> Result
    ) async throws -> Result {
        var endpoint = try await server.endpoint()
        try await withNode(endpoint) { node in
            _ = try await node.query("CREATE DATABASE \(identifier: name)", deadline: within(.seconds(60)))
        }
        endpoint.database = name
        var application = endpoint
        application.user = "marketplace_app"
        let (ownEndpoint, applicationEndpoint) = (endpoint, application)
        return try await withNode(ownEndpoint) { owner in
            _ = try await Migrator(migrations).migrate(owner, deadline: within(.seconds(60)))
            return try await withNode(applicationEndpoint) { application in
                try await body(SchemaDatabase(owner: owner, application: application))
            }
        }
    }

    /// Any number of statements as the owner, as one transaction.
    func run(_ script: String) async throws {
        try await owner.transaction(deadline: within(.seconds(60))) { try await $0.script(script) }
    }

    /// One statement of the serving role that has entered no store.
    func outside(_ query: Query) async throws -> Rows {
        try await application.query(query, deadline: within(.seconds(30)))
    }

    /// One statement of the serving role inside a store, the way the server sends it.
    @discardableResult
    func inside(_ store: Int64, _ query: Query) async throws -> Rows {
        try await StoreWriter(store: StoreID(number: store), node: application, deadline: within(.seconds(30)))
            .query(query)
    }

    /// Two stores with a bit of everything.
    static let twoStores = """
        INSERT INTO stores (id, name, currency) VALUES (1, 'One', 'EUR'), (2, 'Two', 'USD');
        INSERT INTO brands (store_id, id, name) VALUES (1, 10, 'Bramble'), (1, 11, 'Gone'), (2, 20, 'Bramble');
        UPDATE brands SET deleted_at = now() WHERE id = 11;
        INSERT INTO categories (store_id, id, parent_id, slug, name) VALUES
            (1, 100, NULL, 'kitchen', 'Kitchen'), (1, 101, 100, 'mugs', 'Mugs'), (1, 102, NULL, 'empty', 'Empty'),
            (2, 200, NULL, 'kitchen', 'Kitchen');
        INSERT INTO products (store_id, id, name, category, currency, brand_id, is_published) VALUES
            (1, 1000, 'Blue Mug', 'mugs', 'EUR', 10, true), (1, 1001, 'Secret Mug', 'mugs', 'EUR', NULL, false),
            (2, 2000, 'Pan', 'kitchen', 'USD', 20, true), (2, 2001, 'Secret Pan', 'kitchen', 'USD', NULL, false);
        INSERT INTO skus (store_id, sku, product_id, price_minor, quantity) VALUES
            (1, 'MUG', 1000, 500, 10), (1, 'SECRET', 1001, 500, 10),
            (2, 'PAN', 2000, 900, 10), (2, 'SECRET', 2001, 900, 10);
        INSERT INTO orders (store_id, id, customer_id, idempotency_key, status, currency, total_minor) VALUES
            (1, 1, 'ada', 'k1', 'placed', 'EUR', 500), (2, 2, 'ada', 'k2', 'placed', 'USD', 900);
        INSERT INTO order_items (store_id, order_id, sku, quantity, unit_price_minor) VALUES
            (1, 1, 'MUG', 1, 500), (2, 2, 'PAN', 1, 900);
        INSERT INTO idempotency_keys (store_id, customer_id, key, request_hash, order_id) VALUES
            (1, 'ada', 'k1', repeat('0', 64), 1), (2, 'ada', 'k2', repeat('0', 64), 2);
        INSERT INTO users (id, name, email) VALUES ('us_1', 'Ada', 'ada@example.com');
        """
}
