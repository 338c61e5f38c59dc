import Postgres
import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    @Suite("the schema's own guards", .timeLimit(.minutes(2)))
    struct SchemaTests {
        @Test("the application's role owns nothing, bypasses nothing and takes nothing away")
        func role() async throws {
            let server = try await MarketplaceFleet.shared().server("shard-0-primary")
            let query =
                "SELECT (rolsuper OR rolbypassrls OR rolcreaterole)::text FROM pg_roles WHERE rolname = 'marketplace_app'"
            #expect(try await server.ask(query) == "false")
            let owned = "SELECT count(*)::text FROM pg_class WHERE pg_get_userbyid(relowner) = 'marketplace_app'"
            #expect(try await server.ask(owned) == "0")
            let deletes =
                "SELECT bool_or(has_table_privilege('marketplace_app', oid, 'DELETE'))::text FROM pg_class WHERE relname IN ('orders', 'skus', 'idempotency_keys')"
            #expect(try await server.ask(deletes) == "false")
        }

        @Test(
            "what must not be cannot be written",
            arguments: [
                "INSERT INTO stores (id, name, currency) VALUES (0, 'x', 'EUR')",
                "INSERT INTO stores (id, name, currency) VALUES (5, 'x', 'euro')",
                "INSERT INTO stores (id, name, currency) VALUES (5, '', 'EUR')",
                "INSERT INTO products (store_id, id, name, category, currency) VALUES (5, 1, 'x', 'y', 'EUR')",
                "INSERT INTO orders (store_id, id, customer_id, idempotency_key, status, currency, total_minor) VALUES (5, 1, 'a', 'k', 'cancelled', 'EUR', 1)",
                "INSERT INTO order_items (store_id, order_id, sku, quantity, unit_price_minor) VALUES (5, 1, 'a', 1, 1)",
                "INSERT INTO idempotency_keys (store_id, customer_id, key, request_hash, order_id) VALUES (5, 'a', 'k', repeat('0', 64), 1)",
                "UPDATE skus SET quantity = -1 WHERE store_id = (SELECT min(store_id) FROM skus)",
                "UPDATE skus SET reserved = quantity + 1 WHERE store_id = (SELECT min(store_id) FROM skus)",
            ])
        func constraints(statement: String) async throws {
            try await MarketplaceFleet.shared().serve { client in
                _ = try await client.makeProduct(in: try await client.makeStore(), sku: "A", quantity: 1)
            }
            let server = try await MarketplaceFleet.shared().server("shard-0-primary")
            await #expect(throws: PostgresError.self) { try await server.ask(statement + " RETURNING 'x'") }
        }
    }
}
