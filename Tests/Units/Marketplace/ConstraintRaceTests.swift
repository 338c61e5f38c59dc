import Postgres
import Testing

@testable import Marketplace

/// Rules that span rows, under changes that come at once: each would be right alone.
@Suite("bad states are impossible at once, too", .timeLimit(.minutes(3)))
struct ConstraintRaceTests {
    @Test("two changes of a tree that are right alone do not make a circle together")
    func circles() async throws {
        try await SchemaDatabase.with("circles") { database in
            try await database.run(SchemaDatabase.twoStores)
            for round in 0..<20 {
                try await database.run("UPDATE categories SET parent_id = NULL WHERE store_id = 1")
                let done = try await atOnce(2) { side in
                    let (moved, below): (Int64, Int64) = side == 0 ? (100, 102) : (102, 100)
                    return await failure {
                        try await database.inside(
                            1, "UPDATE categories SET parent_id = \(below) WHERE store_id = 1 AND id = \(moved)")
                    } == nil
                }
                #expect(done.count { $0 } == 1, "round \(round)")
            }
        }
    }

    @Test("a brand that is deleted while a product takes it either stays or is refused")
    func brandRace() async throws {
        try await SchemaDatabase.with("brand_race") { database in
            try await database.run(SchemaDatabase.twoStores)
            for round in Int64(0)..<20 {
                _ = try await database.inside(
                    1, "INSERT INTO brands (store_id, id, name) VALUES (1, \(500 + round), \("Brand \(round)"))")
                _ = try await atOnce(2) { side in
                    await failure {
                        if side == 0 {
                            _ = try await database.inside(
                                1, "UPDATE brands SET deleted_at = now() WHERE store_id = 1 AND id = \(500 + round)")
                        } else {
                            _ = try await database.inside(
                                1,
                                """
                                INSERT INTO products (store_id, id, name, category, currency, brand_id)
                                VALUES (1, \(5000 + round), 'x', 'mugs', 'EUR', \(500 + round))
                                """)
                        }
                    } == nil
                }
            }
            let orphans = try await database.owner.query(
                """
                SELECT count(*) FROM products AS p JOIN brands AS b ON b.store_id = p.store_id AND b.id = p.brand_id
                WHERE p.deleted_at IS NULL AND b.deleted_at IS NOT NULL
                """, deadline: within(.seconds(30)))
            #expect(try orphans[0].value(0, as: Int.self) == 0)
        }
    }

    @Test("a store that is deleted while a product is added either stays or takes no product")
    func storeRace() async throws {
        try await SchemaDatabase.with("store_race") { database in
            for round in Int64(0)..<20 {
                let store = 100 + round
                try await database.run("INSERT INTO stores (id, name, currency) VALUES (\(store), 'x', 'EUR')")
                let done = try await atOnce(2) { side in
                    await failure {
                        if side == 0 {
                            _ = try await database.inside(
                                store, StoreQueries.delete(StoreID(number: store), if: .exists))
                        } else {
                            let product = ProductID(store: StoreID(number: store), number: 1)
                            let skus = [ProductInput.Variant(sku: "A", priceMinor: 1)]
                            _ = try await database.inside(
                                store,
                                ProductChanges.create(product, ProductInput(name: "x", category: "y", skus: skus)))
                        }
                    }?.sqlState
                }
                // A deadlock undoes one of them, which the server tries again.
                let allowed: [SQLState?] = [nil, .stillInUse, .unknownStore, .deadlockDetected]
                #expect(done.allSatisfy { allowed.contains($0) }, "\(done)")
            }
            let orphans = try await database.owner.query(
                """
                SELECT count(*) FROM products AS p JOIN stores AS s ON s.id = p.store_id
                WHERE p.deleted_at IS NULL AND s.deleted_at IS NOT NULL
                """, deadline: within(.seconds(30)))
            #expect(try orphans[0].value(0, as: Int.self) == 0)
        }
    }

    @Test("moves at random from four sides leave a tree")
    func randomMoves() async throws {
        let seed: UInt64 = 20_260_131
        try await SchemaDatabase.with("random_moves") { database in
            let rows = (1...30).map { "(1, \($0), NULL, 's\($0)', 'x')" }.joined(separator: ", ")
            try await database.run(
                """
                INSERT INTO stores (id, name, currency) VALUES (1, 'x', 'EUR');
                INSERT INTO categories (store_id, id, parent_id, slug, name) VALUES \(rows)
                """)
            let moved = try await atOnce(4) { side in
                var random = SeededRandom(seed: seed &+ UInt64(side))
                var moved = 0
                for _ in 0..<100 {
                    let (category, parent) = (Int64(1 + random.below(30)), Int64(1 + random.below(30)))
                    let error = await failure {
                        try await database.inside(
                            1, "UPDATE categories SET parent_id = \(parent) WHERE store_id = 1 AND id = \(category)")
                    }
                    if error == nil { moved += 1 }
                }
                return moved
            }
            #expect(moved.reduce(0, +) > 30, "seed \(seed)")
            let reached = try await database.owner.query(
                """
                WITH RECURSIVE tree AS (
                    SELECT id, 1 AS level FROM categories WHERE parent_id IS NULL
                    UNION ALL
                    SELECT c.id, t.level + 1 FROM tree AS t JOIN categories AS c ON c.parent_id = t.id
                    WHERE t.level < 20
                )
                SELECT count(*), max(level)::bigint FROM tree
                """, deadline: within(.seconds(30)))
            let (count, levels) = try reached[0].decode(Int.self, Int.self)
            #expect(count == 30 && levels <= 8, "seed \(seed): \(count) in \(levels) levels")
        }
    }

    @Test("products that name a new slug at once get one category")
    func slugRace() async throws {
        try await SchemaDatabase.with("slug_race") { database in
            try await database.run(SchemaDatabase.twoStores)
            let done = try await atOnce(8) { index in
                await failure {
                    try await database.inside(
                        1,
                        """
                        INSERT INTO products (store_id, id, name, category, currency)
                        VALUES (1, \(7000 + Int64(index)), 'x', 'brand-new', 'EUR')
                        """)
                }
            }
            #expect(done.allSatisfy { $0 == nil }, "\(done)")
            let rows = try await database.owner.query(
                "SELECT count(*), max(name) FROM categories WHERE slug = 'brand-new'", deadline: within(.seconds(30)))
            #expect(try rows[0].decode(Int.self, String.self) == (1, "Brand New"))
        }
    }
}
