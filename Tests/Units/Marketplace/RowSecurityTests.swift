import Postgres
import Testing

@testable import Marketplace
@testable import Postgres

/// A forgotten WHERE leaks nothing: every statement here has none.
@Suite("row-level security", .timeLimit(.minutes(3)))
struct RowSecurityTests {
    /// Tables of which only their store sees anything, with the rows that each of the two stores has.
    private static let privateRows = ["orders", "order_items", "idempotency_keys"]

    private static func count(_ table: String) -> Query { "SELECT count(*) FROM \(identifier: table)" }

    @Test("who has entered no store sees what everybody may see")
    func outside() async throws {
        try await SchemaDatabase.with("rls_outside") { database in
            try await database.run(SchemaDatabase.twoStores)
            for table in Self.privateRows + ["users"] {
                let count: Int = try await database.outside(Self.count(table))[0].value(0)
                #expect(count == 0, "\(table)")
            }
            let names: [String] = try await database.outside("SELECT name FROM products").map { try $0.value(0) }
            #expect(Set(names) == ["Blue Mug", "Pan"])
            let codes: [String] = try await database.outside("SELECT sku FROM skus").map { try $0.value(0) }
            #expect(Set(codes) == ["MUG", "PAN"])
            let brands: [Int64] = try await database.outside("SELECT id FROM brands").map { try $0.value(0) }
            #expect(Set(brands) == [10, 20])
        }
    }

    @Test("who has entered one sees it whole, and of others what everybody may see")
    func inside() async throws {
        try await SchemaDatabase.with("rls_inside") { database in
            try await database.run(SchemaDatabase.twoStores)
            for (store, table) in [Int64(1), 2].flatMap({ store in Self.privateRows.map { (store, $0) } }) {
                let stores: [Int64] = try await database.inside(store, "SELECT store_id FROM \(identifier: table)")
                    .map { try $0.value(0) }
                #expect(stores == [store], "\(table)")
            }
            let names: [String] = try await database.inside(1, "SELECT name FROM products").map { try $0.value(0) }
            #expect(Set(names) == ["Blue Mug", "Secret Mug", "Pan"])
            let codes = try await database.inside(1, "SELECT store_id, sku FROM skus").decode(Int64.self, String.self)
            #expect(Set(codes.map { "\($0.0) \($0.1)" }) == ["1 MUG", "1 SECRET", "2 PAN"])
            // The setting ended with its transaction.
            #expect(try await database.outside(Self.count("orders"))[0].value(0, as: Int.self) == 0)
        }
    }

    @Test("nobody writes in a store that they have not entered")
    func writing() async throws {
        try await SchemaDatabase.with("rls_writing") { database in
            try await database.run(SchemaDatabase.twoStores)
            for table in ["stores", "brands", "categories", "products", "skus"] {
                let outside = try await database.outside("UPDATE \(identifier: table) SET version = version + 1")
                #expect(outside.affected == 0, "\(table)")
            }
            let changed = try await database.inside(1, "UPDATE skus SET quantity = 0")
            #expect(changed.affected == 2)
            let untouched = try await database.owner.query(
                "SELECT count(*) FROM skus WHERE store_id = 2 AND quantity = 10", deadline: within(.seconds(30)))
            #expect(try untouched[0].value(0, as: Int.self) == 2)
            let inserts: [Query] = [
                """
                INSERT INTO orders (store_id, id, customer_id, idempotency_key, status, currency, total_minor)
                VALUES (2, 9, 'a', 'k', 'placed', 'USD', 1)
                """,
                "INSERT INTO brands (store_id, id, name) VALUES (2, 21, 'x')",
                "UPDATE products SET store_id = 2 WHERE id = 1000",
                """
                SELECT * FROM place_order(
                    2, 9, 'ada', 'k9', repeat('0', 64), ARRAY['PAN'], ARRAY[1]::integer[], true)
                """,
            ]
            for insert in inserts {
                let error = await failure { try await database.inside(1, insert) }
                #expect(error?.sqlState == .insufficientPrivilege, "\(insert)")
            }
            #expect(try await database.inside(1, "SELECT * FROM cancel_order(2, 2)").isEmpty)
        }
    }

    @Test("without the policies the same statements leak, so it is the policies that hold them")
    func withoutPolicies() async throws {
        try await SchemaDatabase.with("rls_off") { database in
            try await database.run(SchemaDatabase.twoStores)
            for table in Self.privateRows + ["products", "users"] {
                try await database.run("ALTER TABLE \(table) DISABLE ROW LEVEL SECURITY")
            }
            #expect(try await database.outside(Self.count("orders"))[0].value(0, as: Int.self) == 2)
            #expect(try await database.inside(1, Self.count("order_items"))[0].value(0, as: Int.self) == 2)
            #expect(try await database.outside(Self.count("products"))[0].value(0, as: Int.self) == 4)
            #expect(try await database.outside(Self.count("users"))[0].value(0, as: Int.self) == 1)
        }
    }

    @Test("every table of a store is guarded, and the private ones against their owner as well")
    func everyTable() async throws {
        try await SchemaDatabase.with("rls_tables") { database in
            let unguarded = try await database.owner.query(
                """
                SELECT c.relname::text FROM pg_class AS c
                JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'public'
                WHERE c.relkind = 'r' AND NOT c.relrowsecurity
                    AND has_table_privilege('marketplace_app', c.oid, 'INSERT, UPDATE')
                    AND EXISTS (SELECT 1 FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'store_id')
                """, deadline: within(.seconds(30)))
            #expect(try unguarded.map { try $0.value(0, as: String.self) } == [])
            let forced = try await database.owner.query(
                "SELECT relname::text FROM pg_class WHERE relforcerowsecurity", deadline: within(.seconds(30)))
            let names = Set(try forced.map { try $0.value(0, as: String.self) })
            #expect(names.isSuperset(of: Self.privateRows + ["users"]))
        }
    }

    @Test("a tenant that shares a Sync with others would be theirs as well")
    func sharedSync() async throws {
        try await SchemaDatabase.with("rls_shared") { database in
            try await database.run(SchemaDatabase.twoStores)
            let node = database.application
            // What nobody does: the tenant as one point read, the query as another. Those that meet in one turn of the
            // loop share a Sync, and with it the transaction.
            try await eventually("the neighbour reads the other's orders") {
                let counts = try await atOnce(40) { index -> Int in
                    let deadline = within(.seconds(30))
                    if index % 2 == 0 {
                        _ = try await node.read("SELECT set_config('app.store', '1', true)", deadline: deadline)
                        return 0
                    }
                    return try await node.read(Self.count("orders"), deadline: deadline)[0].value(0)
                }
                return counts.contains { $0 > 0 }
            }
        }
    }

    @Test("ours does not mix: units and point reads in a storm each see their own")
    func ownSync() async throws {
        try await SchemaDatabase.with("rls_storm") { database in
            try await database.run(SchemaDatabase.twoStores)
            let node = database.application
            let mixed = try await atOnce(600) { index -> String? in
                let deadline = within(.seconds(60))
                if index % 3 == 2 {
                    let count: Int = try await node.read(Self.count("orders"), deadline: deadline)[0].value(0)
                    return count == 0 ? nil : "a point read saw \(count) orders"
                }
                let store = Int64(index % 3 + 1)
                let rows = try await node.unit(
                    [
                        StoreWriter.entering(StoreID(number: store), writes: index % 2 == 0),
                        "SELECT store_id FROM orders",
                    ],
                    deadline: deadline)[1]
                let stores: [Int64] = try rows.map { try $0.value(0) }
                return stores == [store] ? nil : "store \(store) saw \(stores)"
            }
            #expect(mixed.compactMap { $0 } == [])
        }
    }
}
