import Logging
import Postgres
import Testing

@testable import Marketplace
@testable import Postgres

extension MarketplaceServerTests {
    /// On a hundred thousand products no statement that the server sends reads a large table from one end to the other.
    @Suite("plans on 100,000 products", .timeLimit(.minutes(5)))
    struct PlanTests {
        static let large: Set<String> = [
            "products", "skus", "orders", "order_items", "idempotency_keys", "categories", "brands",
        ]

        @Test("every statement that is sent has an index, and no sort of more than a page's candidates")
        func plans() async throws {
            let data = try await PlanData.shared()
            for real in data.queries {
                let plan = try await data.plan(real)
                #expect(plan.scannedTables.isDisjoint(with: Self.large), "\(real.what): \(plan.text)")
                #expect(plan.indexes.isSuperset(of: real.indexes), "\(real.what): \(plan.indexes)")
                #expect(plan.sortedRows <= 1000, "\(real.what) sorts \(plan.sortedRows) rows")
            }
        }

        @Test(
            "without its index a statement fails that check",
            arguments: [
                "products_published", "products_of_category", "products_of_brand", "products_by_word",
                "skus_of_product", "categories_of_parent", "orders_of_customer",
            ])
        func withoutIndex(index: String) async throws {
            let data = try await PlanData.shared()
            let hit = data.queries.filter { $0.indexes.contains(index) }
            #expect(!hit.isEmpty)
            for real in hit {
                let plan = try await data.plan(real, without: index)
                #expect(
                    !plan.scannedTables.isDisjoint(with: Self.large) || !plan.indexes.isSuperset(of: real.indexes)
                        || plan.sortedRows > 1000, "\(real.what): \(plan.text)")
            }
        }

        /// EXPLAIN sees what is sent, this what is done: functions, triggers, foreign keys, and the plans that prepared
        /// statements fall back to after five rounds.
        @Test("a server at work scans no large table, whatever it is asked")
        func atWork() async throws {
            let data = try await PlanData.shared()
            let before = try await data.scans()
            try await data.serve { client in
                for round in 0..<8 { try await data.work(round, client) }
            }
            let grown = Set(["products", "skus", "orders", "order_items"])
            try await eventually("the server's work is counted") {
                let after = try await data.scans()
                return grown.allSatisfy { after[$0]!.byIndex > before[$0]!.byIndex }
            }
            let after = try await data.scans()
            for table in Self.large {
                let count = after[table]!.whole - before[table]!.whole
                #expect(count == 0, "\(table) was scanned \(count) times")
            }
        }

        @Test("the seed spreads brands, trees, drafts and attributes")
        func seed() async throws {
            let data = try await PlanData.shared()
            #expect(data.seeded.rows["products"] == 100_000)
            print("seeded 100,000 products in \(data.seeded.duration.formatted())")
            let counts = try await data.owner.query(
                """
                SELECT (SELECT count(*) FROM products WHERE NOT is_published),
                    (SELECT count(*) FROM products WHERE brand_id IS NULL),
                    (SELECT count(*) FROM products WHERE attributes ? 'colour'),
                    (SELECT count(*) FROM categories WHERE parent_id IS NOT NULL),
                    (SELECT count(*) FROM products AS p JOIN categories AS c
                        ON c.store_id = p.store_id AND c.id = p.category_id WHERE c.parent_id IS NULL)
                """, deadline: within(.seconds(60)))
            let (drafts, unbranded, coloured, below, unsorted) = try counts[0].decode(
                Int.self, Int.self, Int.self, Int.self, Int.self)
            #expect((1_500...2_500).contains(drafts) && (11_000...14_000).contains(unbranded))
            #expect(coloured == 100_000 && below == 50 * 19 && (9_000...11_000).contains(unsorted))
        }

        @Test("what was copied without looking up its references has none that leads nowhere")
        func references() async throws {
            let data = try await PlanData.shared()
            let check: Query = """
                DO $$
                DECLARE
                    _key record;
                BEGIN
                    UPDATE pg_constraint SET convalidated = false WHERE contype = 'f';
                    FOR _key IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint WHERE contype = 'f' LOOP
                        EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', _key.owner, _key.conname);
                    END LOOP;
                END
                $$
                """
            _ = try await data.owner.query(check.unprepared(), deadline: within(.seconds(60)))
            let valid = try await data.owner.query(
                "SELECT count(*) FILTER (WHERE convalidated), count(*) FROM pg_constraint WHERE contype = 'f'",
                deadline: within(.seconds(60)))
            let (validated, all) = try valid[0].decode(Int.self, Int.self)
            #expect(validated == all && all > 5)
        }
    }
}
