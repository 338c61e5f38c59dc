import Logging
import Postgres
import Testing

@testable import Marketplace
@testable import Postgres

/// Two releases on one schema: what a rolling upgrade needs.
@Suite("a release and the one before it", .timeLimit(.minutes(2)))
struct ReleaseTests {
    private static let before = Migrations.all.filter { $0.number <= ReleaseBefore.lastMigration }

    /// All that the server of before does, on a store of its own; what it says is the same every time.
    private func life(of server: ReleaseBefore, store: Int64) async throws -> [String] {
        var said: [String] = []
        try await server.makeStore(store)
        said.append("\(try await server.makeProduct(store + 1, of: store, sku: "A", category: "mugs"))")
        said.append("\(try await server.makeProduct(store + 2, of: store, sku: "B", category: "pans"))")
        said.append("\(try await server.product(store + 1, of: store))")
        said.append("\(try await server.changeProduct(store + 1, of: store, sku: "A", category: "cups"))")
        said.append("\(try await server.changeProduct(store + 1, of: store, sku: "NEW", category: "cups"))")
        said.append("\(try await server.product(store + 1, of: store))")
        said.append("\(try await server.products(of: store, category: nil).map { $0 - store })")
        said.append("\(try await server.products(of: store, category: "cups").map { $0 - store })")
        said.append("\(try await server.place(store + 3, in: store, sku: "A", key: "k"))")
        said.append("\(try await server.place(store + 4, in: store, sku: "A", key: "k"))")
        said.append("\(try await server.stock("A", of: store))")
        said.append("\(try await server.order(store + 3, of: store))")
        said.append("\(try await server.orders(of: store).map { $0 - store })")
        said.append("\(try await server.cancel(store + 3, of: store))")
        said.append("\(try await server.stock("A", of: store))")
        said.append("\(try await server.store(store)) \(try await server.renameStore(store))")
        said.append("\(try await server.stores().contains(store)) \(try await server.deleteStore(store))")
        said.append("\(try await server.deleteProduct(store + 2, of: store))")
        said.append("\(try await server.products(of: store, category: nil).map { $0 - store })")
        return said
    }

    @Test("the server of before works on the expanded schema as on its own, beside the one of now")
    func rollingUpgrade() async throws {
        try await SchemaDatabase.with("rolling", migrations: Self.before) { database in
            let old = ReleaseBefore(node: database.application)
            let own = try await life(of: old, store: 1000)
            let migrator = try Migrator(Migrations.all)
            let expanded = try await migrator.migrate(
                database.owner, contracting: .whenFresh, deadline: within(.seconds(60)))
            #expect(!expanded.isEmpty && expanded.allSatisfy { $0.phase == .expand })

            #expect(try await life(of: old, store: 2000) == own)
            #expect(try await old.product(1001, of: 1000) == ["Red Mug"])
            #expect(try await old.order(1003, of: 1000) == ["cancelled"])
            // What each wrote, the other sees; the tree has grown under the hands of the one that knows of none.
            let slugs = try await database.inside(2000, "SELECT slug FROM categories WHERE store_id = 2000")
            #expect(Set(try slugs.decode(String.self)) == ["mugs", "pans", "cups"])
            try await placeWithNow(database, store: 2000, product: 2010)
            #expect(try await old.product(2010, of: 2000) == ["Mug"])
            #expect(try await old.order(2011, of: 2000) == ["placed"])
            #expect(try await old.cancel(2011, of: 2000) == ["cancelled"])
        }
    }

    @Test("once the schema is contracted the server of before sees and changes nothing that is a store's own")
    func contracted() async throws {
        try await SchemaDatabase.with("contracted", migrations: Self.before) { database in
            let old = ReleaseBefore(node: database.application)
            _ = try await life(of: old, store: 1000)
            _ = try await Migrator(Migrations.all).migrate(database.owner, deadline: within(.seconds(60)))
            #expect(try await old.order(1003, of: 1000) == [])
            #expect(try await old.orders(of: 1000) == [])
            let refused = await failure { try await old.place(1020, in: 1000, sku: "A", key: "k2") }
            #expect(refused?.sqlState == .insufficientPrivilege)
            #expect(try await old.deleteProduct(1001, of: 1000) == 0)
            #expect(try await old.renameStore(1000) == 0)
            try await placeWithNow(database, store: 1000, product: 1010)
        }
    }

    /// The server of now makes a product of a brand and sells it.
    private func placeWithNow(_ database: SchemaDatabase, store: Int64, product: Int64) async throws {
        let id = ProductID(store: StoreID(number: store), number: product)
        let writer = StoreWriter(store: id.store, node: database.application, deadline: within(.seconds(30)))
        let input = ProductInput(
            name: "Mug", category: "mugs", skus: [.init(sku: "N\(product)", priceMinor: 1, quantity: 5)])
        let made = try await writer.unit([ProductChanges.create(id, input), ProductQueries.any(id)])
        #expect(made[1].count == 1)
        let order = OrderInput(items: [.init(sku: "N\(product)", quantity: 1)])
        let placed = try await writer.query(
            OrderQueries.place(
                OrderID(store: id.store, number: product + 1), order, for: "ada", key: "n\(product)", isGuarded: true))
        #expect(placed.count == 1)
    }

    @Test("migrators that run at once, on several databases of one server, apply each step once")
    func atOnceEverywhere() async throws {
        let server = try await PostgresTestServer.start(options: ["max_connections=300"])
        defer { server.stop() }
        let names = (0..<4).map { "shard_\($0)" }
        try await withNode(server.endpoint()) { node in
            for name in names {
                _ = try await node.query("CREATE DATABASE \(identifier: name)", deadline: within(.seconds(60)))
            }
        }
        let applied = try await atOnce(12) { index in
            var endpoint = server.endpoint()
            endpoint.database = names[index % 4]
            let name = endpoint.database
            return try await withNode(endpoint) { node in
                let steps = try await Migrator(Migrations.all).migrate(node, deadline: within(.seconds(90)))
                return Applied(database: name, steps: steps.map(\.number))
            }
        }
        for name in names {
            let steps = applied.filter { $0.database == name }.flatMap(\.steps)
            #expect(steps.sorted() == Migrations.all.map(\.number), "\(name)")
        }
    }

    private struct Applied: Sendable {
        let database: String
        let steps: [Int]
    }
}
