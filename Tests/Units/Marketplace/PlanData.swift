import Hummingbird
import HummingbirdTesting
import Logging
import Postgres
import Testing

@testable import Marketplace
@testable import Postgres

/// A seeded server of a hundred thousand products, and every statement that is sent to it.
final class PlanData: Sendable {
    struct Scans: Sendable {
        let whole: Int
        let byIndex: Int
    }

    let server: PostgresTestServer
    let owner: PostgresNode
    /// The same data once more, where nobody reads but the server at work and whoever counts its scans.
    private let atWork: PostgresNode
    let seeded: Seeder.Summary
    let store: StoreID
    let settings: Settings
    private let sample: Sample

    private struct Sample: Sendable {
        let product: Int64
        let brand: Int64
        let parent: Int64
        let child: Int64
        let order: Int64
        let customer: String
        let sku: String
    }

    static func shared() async throws -> PlanData { try await Shared.instance.data() }

    private actor Shared {
        static let instance = Shared()
        private var starting: Task<PlanData, any Error>?

        func data() async throws -> PlanData {
            let task = starting ?? Task { try await PlanData() }
            starting = task
            return try await task.value
        }
    }

    private init() async throws {
        server = try await PostgresTestServer.start(options: ["max_connections=100", "max_wal_size=2GB"])
        var settings = Settings()
        settings.database.shards = [[NodeAddress(name: "shard-0-primary", host: server.directory, port: 5432)]]
        settings.database.database = "postgres"
        settings.database.ownerUser = "postgres"
        settings.database.readDeadline = .seconds(8)
        settings.database.writeDeadline = .seconds(8)
        settings.server.port = 0
        settings.server.accessLog = false
        settings.server.logLevel = .critical
        settings.features[.redisCache] = false
        let reactor = Reactor(name: "plans")
        let seeding = Self.node(server.endpoint(), reactor)
        _ = try await Migrator(Migrations.all).migrate(seeding, deadline: within(.seconds(60)))
        let connections = try OwnerConnections(settings: settings, logger: Logger(label: "test"))
        seeded = try await Seeder(owner: connections).run(
            SeedPlan(stores: 50, products: 100_000, users: 1000, orders: 20_000, seed: 42))
        await connections.close()
        let rows = try await seeding.query(
            """
            SELECT p.store_id, p.id, p.brand_id, c.parent_id, c.id, o.id, o.customer_id, s.sku
            FROM products AS p
            JOIN categories AS c ON c.store_id = p.store_id AND c.id = p.category_id AND c.parent_id IS NOT NULL
            JOIN LATERAL (SELECT * FROM orders WHERE store_id = p.store_id LIMIT 1) AS o ON true
            JOIN LATERAL (SELECT * FROM skus WHERE store_id = p.store_id AND product_id = p.id LIMIT 1) AS s ON true
            WHERE p.is_published AND p.brand_id IS NOT NULL ORDER BY p.store_id, p.id OFFSET 800 LIMIT 1
            """, deadline: within(.seconds(60)))
        store = StoreID(number: try rows[0].value(0))
        sample = Sample(
            product: try rows[0].value(1), brand: try rows[0].value(2), parent: try rows[0].value(3),
            child: try rows[0].value(4), order: try rows[0].value(5), customer: try rows[0].value(6),
            sku: try rows[0].value(7))
        await seeding.shutdown()
        settings.database.database = "at_work"
        self.settings = settings
        atWork = try await Self.copy(server, to: settings.database.database, reactor)
        owner = Self.node(server.endpoint(), reactor)
    }

    private static func node(_ endpoint: PostgresEndpoint, _ reactor: Reactor) -> PostgresNode {
        let node = PostgresNode(endpoint, settings: .patient, reactor: reactor, logger: Logger(label: "test"))
        node.start()
        return node
    }

    private static func copy(
        _ server: PostgresTestServer, to name: String, _ reactor: Reactor
    ) async throws -> PostgresNode {
        var endpoint = server.endpoint()
        // One that somebody is connected to cannot be copied.
        endpoint.database = "template1"
        let elsewhere = node(endpoint, reactor)
        // No parameter can stand for a name: the text is made first.
        let create = "CREATE DATABASE \(name) TEMPLATE postgres STRATEGY file_copy"
        _ = try await elsewhere.query(Query(create).unprepared(), deadline: within(.seconds(60)))
        await elsewhere.shutdown()
        endpoint.database = name
        return node(endpoint, reactor)
    }

    // MARK: What is sent

    var product: ProductID { ProductID(store: store, number: sample.product) }
    private var brand: BrandID { BrandID(store: store, number: sample.brand) }
    private var order: OrderID { OrderID(store: store, number: sample.order) }
    private var parent: CategoryID { CategoryID(store: store, number: sample.parent) }

    var queries: [RealQuery] { reads + privateRows + changes }

    private var reads: [RealQuery] {
        let (first, next) = (PageRequest(), PageRequest(limit: 100, cursor: Cursor(number: sample.product)))
        func page(_ filter: ProductFilter, _ page: PageRequest) -> Query {
            ProductQueries.page(filter, page, of: store)
        }
        let department = ProductFilter(category: "kitchen")
        return [
            RealQuery("a product", ProductQueries.published(product), by: "skus_of_product"),
            RealQuery("a store's newest", page(ProductFilter(), first), by: "products_published", "skus_of_product"),
            RealQuery("those after them", page(ProductFilter(), next), by: "products_published"),
            RealQuery("the newest of a category", page(department, first), by: "products_of_category"),
            RealQuery("those after them", page(department, next), by: "products_of_category"),
            RealQuery("the newest of a brand", page(ProductFilter(brand: brand), first), by: "products_of_brand"),
            RealQuery("those after them", page(ProductFilter(brand: brand), next), by: "products_of_brand"),
            RealQuery(
                "those with words", page(ProductFilter(words: ["rustic", "cork", "uku"]), first),
                by: "products_by_word"),
            RealQuery(
                "those of all stores with words", SearchStore.page("rustic:* & cork:*", after: nil, limit: 20),
                by: "products_by_word"),
            RealQuery("a brand", BrandQueries.one(brand), by: "brands_pkey"),
            RealQuery("a store's brands", BrandQueries.page(first, of: store)),
            RealQuery("a category", CategoryQueries.one(parent)),
            RealQuery(
                "what is below a category", CategoryQueries.children(of: parent, first, in: store),
                by: "categories_of_parent"),
            RealQuery(
                "what is at the top", CategoryQueries.children(of: nil, first, in: store), by: "categories_of_parent"),
        ]
    }

    private var privateRows: [RealQuery] {
        let (first, next) = (PageRequest(), PageRequest(limit: 100, cursor: Cursor(number: sample.order)))
        func page(_ request: PageRequest, _ customer: String?, _ after: Timestamp?) -> Query {
            OrderQueries.page(request, of: store, customer: customer, after: after)
        }
        let inside = store.number
        return [
            RealQuery("an order", OrderQueries.one(order), inside: inside, by: "orders_pkey", "order_items_pkey"),
            RealQuery("a store's orders", page(first, nil, nil), inside: inside, by: "orders_pkey"),
            RealQuery("those after them", page(next, nil, nil), inside: inside, by: "orders_pkey"),
            RealQuery(
                "a customer's orders", page(first, sample.customer, nil), inside: inside, by: "orders_of_customer"),
            RealQuery("orders since", page(first, nil, SeedPlan.opening), inside: inside),
            RealQuery("stock", InventoryStore.one(sample.sku, of: store), inside: inside, by: "skus_pkey"),
            RealQuery(
                "a draft, for who changes it", ProductQueries.any(product), inside: inside, by: "skus_of_product"),
        ]
    }

    private var changes: [RealQuery] {
        let variant = ProductInput.Variant(sku: sample.sku, priceMinor: 1)
        let input = ProductInput(name: "x", category: "kitchen", skus: [variant])
        let empty = StoreID(number: 77)
        return [
            RealQuery("a new product", ProductChanges.create(product, input), inside: store.number),
            RealQuery(
                "a changed product", ProductChanges.update(product, input, if: .exists), inside: store.number,
                by: "skus_pkey"),
            RealQuery("a deleted product", ProductChanges.delete(product, if: .exists), inside: store.number),
            RealQuery("a deleted store", StoreQueries.delete(store, if: .exists), inside: store.number),
            RealQuery("a deleted store without products", StoreQueries.delete(empty, if: .exists), inside: 77),
            RealQuery(
                "a changed brand", BrandQueries.update(brand, BrandInput(name: "x"), if: .exists),
                inside: store.number),
            RealQuery("a deleted brand", BrandQueries.delete(brand, if: .exists), inside: store.number),
            RealQuery(
                "a changed category", CategoryQueries.update(parent, CategoryInput(name: "x"), if: .exists),
                inside: store.number),
        ]
    }

    // MARK: What becomes of it

    /// The plan that the serving role gets.
    func plan(_ real: RealQuery, without index: String? = nil) async throws -> QueryPlan {
        struct Undone: Error { let plan: QueryPlan }
        do {
            try await owner.transaction(deadline: within(.seconds(60))) { transaction in
                if let index { try await transaction.script("DROP INDEX \(index)") }
                try await transaction.script("SET LOCAL ROLE marketplace_app")
                if let store = real.store {
                    _ = try await transaction.query(StoreWriter.entering(StoreID(number: store), writes: true))
                }
                throw Undone(plan: try await QueryPlan(real.query, transaction))
            }
        } catch let undone as Undone {
            return undone.plan
        }
        preconditionFailure("the transaction throws")
    }

    /// How often each table was read whole and by an index, by the server that ``serve(_:)`` runs.
    func scans() async throws -> [String: Scans] {
        let rows = try await atWork.query(
            "SELECT relname::text, coalesce(seq_scan, 0), coalesce(idx_scan, 0) FROM pg_stat_user_tables",
            deadline: within(.seconds(30)))
        let counts = try rows.decode(String.self, Int.self, Int.self)
        return Dictionary(uniqueKeysWithValues: counts.map { ($0.0, Scans(whole: $0.1, byIndex: $0.2)) })
    }

    func serve(_ body: @escaping @Sendable (MarketplaceClient) async throws -> Void) async throws {
        let marketplace = try Marketplace.build(settings: settings, logSink: MarketplaceFleet.silence)
        try await marketplace.application().test(.router) { client in
            let client = MarketplaceClient(http: client, marketplace: marketplace)
            try await eventually("the server is ready") { try await client.get("/health/ready").status == .ok }
            try await body(client)
        }
    }

    /// Everything that the API can be asked, once.
    func work(_ round: Int, _ client: MarketplaceClient) async throws {
        let base = "/v1/stores/\(store)"
        var paths = ["/v1/stores", base, "\(base)/products", "\(base)/products?category=kitchen", "\(base)/brands"]
        paths += ["\(base)/products?brand=\(brand)", "\(base)/products?q=rustic%20cork", "\(base)/products/\(product)"]
        paths += ["\(base)/categories", "\(base)/categories?parent=\(parent)", "\(base)/categories/\(parent)"]
        paths += [
            "/v1/search?q=rustic%20cork", "\(base)/brands/\(brand)", "\(base)/inventory/\(sample.sku)",
            "\(base)/orders",
        ]
        for path in paths {
            let answer = try await client.get(path)
            #expect(answer.status == .ok, "\(path): \(answer.text)")
        }
        let anyVersion = ["If-Match": "*"]
        let code = "NEW-\(round)"
        let made = try await client.makeProduct(in: store.description, sku: code, quantity: 5)
        let placed = try await client.order(in: store.description, sku: code, key: "work-\(round)")
        let order = try #require(placed.json["data"]["id"].string)
        _ = try await client.order(in: store.description, sku: code, key: "work-\(round)")
        let customers = try await client.get("\(base)/orders", ["X-Customer-Id": "ada"])
        #expect(customers.json["data"].array.contains { $0["id"].string == order })
        #expect(try await client.request(.post, "\(base)/orders/\(order)/cancel", nil).status == .ok)
        let change = #"{"name":"Mug \#(round)","category":"kitchen-drinkware","brandId":"\#(brand)"}"#
        #expect(try await client.request(.put, "\(base)/products/\(made)", change, anyVersion).status == .ok)
        #expect(try await client.request(.delete, "\(base)/brands/\(brand)", nil, anyVersion).code == "still_in_use")
        let category = try await client.request(.post, "\(base)/categories", #"{"slug":"s\#(round)","name":"x"}"#)
        let id = try #require(category.json["data"]["id"].string)
        #expect(try await client.request(.delete, "\(base)/categories/\(id)", nil, anyVersion).status == .noContent)
        #expect(try await client.request(.delete, "\(base)/products/\(made)", nil, anyVersion).status == .noContent)
        #expect(try await client.request(.delete, base, nil, anyVersion).code == "store_not_empty")
        let empty = try await client.makeStore()
        #expect(try await client.request(.delete, "/v1/stores/\(empty)", nil, anyVersion).status == .noContent)
    }
}
