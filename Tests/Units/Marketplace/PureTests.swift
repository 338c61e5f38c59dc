import NIOCore
import Postgres
import Testing

@testable import Marketplace

@Suite("JSON, problems and metrics")
struct RenderingTests {
    @Test("text is escaped as RFC 8259 wants it")
    func escaping() {
        var json = JSONWriter()
        json.object { json in
            json.member("a\"b", "line\nquote\"back\\tab\tbell\u{7}é😀")
            json.member("none", nil as String?)
            json.member("number", -5)
            json.name("list")
            json.array(["x", "y"])
        }
        #expect(
            String(buffer: json.buffer)
                == #"{"a\"b":"line\nquote\"back\\tab\tbell\u0007é😀","none":null,"number":-5,"list":["x","y"]}"#)
    }

    @Test("every code has a status of its class and a title of its own")
    func codes() {
        #expect(Set(ProblemCode.allCases.map(\.title)).count == ProblemCode.allCases.count)
        #expect(ProblemCode.allCases.allSatisfy { (400..<600).contains($0.status.code) })
    }

    @Test("a problem says all that RFC 9457 wants, and when to come back")
    func problem() {
        let problem = Problem(
            .validationFailed, "No.", errors: [.init(pointer: "/name", message: "is missing")],
            retryAfter: .milliseconds(200))
        let response = problem.response(requestID: "r1")
        #expect(response.status == .unprocessableContent)
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(response.headers[.retryAfter] == "1")
    }

    @Test("metrics are told in Prometheus's words, and their number is bounded")
    func metrics() {
        let metrics = MarketplaceMetrics()
        metrics.http(route: "/a\"b", method: "GET", status: 200).add(3)
        metrics.httpDuration(route: "/a", method: "GET").record(.milliseconds(3))
        let text = metrics.registry.prometheusText()
        #expect(text.contains(#"marketplace_http_requests_total{route="/a\"b",method="GET",status="200"} 3"#))
        #expect(text.contains(#"seconds_bucket{route="/a",method="GET",le="0.005"} 1"#))
        #expect(text.contains("# TYPE marketplace_http_request_duration_seconds histogram"))
        for number in 0..<2000 { metrics.http(route: "/\(number)", method: "GET", status: 200).add() }
        let series = metrics.registry.prometheusText().split(separator: "\n").count {
            $0.hasPrefix("marketplace_http_requests_total{")
        }
        #expect(series <= MetricsRegistry.maximumSeries + 1)
    }
}

@Suite("shards' roles and ages")
struct ShardKnowledgeTests {
    private func status(_ inRecovery: Bool, _ timeline: UInt32, _ position: UInt64 = 1) -> ServerStatus {
        let position = WALPosition(bytes: position)
        return ServerStatus(
            inRecovery: inRecovery, timeline: timeline, walPosition: position, receivedPosition: position)
    }

    @Test("the primary is the one out of recovery on the greatest timeline")
    func roles() {
        var roles = ShardRoles()
        roles.learn(status(true, 1), of: 1)
        #expect(roles.primary == nil && roles.replicas == [1])
        roles.learn(status(false, 1), of: 0)
        roles.learn(status(true, 1), of: 2)
        #expect(roles.primary == 0 && roles.replicas == [1, 2])
        // Promoted: the next timeline. The old one comes back and is refused.
        roles.learn(status(false, 2), of: 1)
        #expect(roles.primary == 1 && roles.replicas == [2])
        roles.learn(status(false, 1), of: 0)
        #expect(roles.primary == 1 && roles.replicas == [2])
        roles.learn(status(true, 2), of: 0)
        #expect(roles.replicas == [0, 2])
        roles.disown(1)
        #expect(roles.primary == nil)
    }

    @Test("reads go to replicas in turn, the primary last; without replicas to it alone")
    func order() {
        var roles = ShardRoles()
        roles.learn(status(false, 1), of: 0)
        let set = ReplicaSet()
        #expect(set.order(of: roles, usesReplicas: true) == [0])
        for node in [1, 2] { roles.learn(status(true, 1), of: node) }
        let orders = (0..<3).map { _ in set.order(of: roles, usesReplicas: true) }
        #expect(orders == [[1, 2, 0], [2, 1, 0], [1, 2, 0]])
        #expect(set.order(of: roles, usesReplicas: false) == [0])
    }

    @Test("a replica is as old as the newest position of the primary that it has replayed")
    func ages() {
        let start = ContinuousClock.now
        var ages = ReplicationAges()
        #expect(ages.age(of: 1, at: start) == nil)
        ages.sampleReplica(1, WALPosition(bytes: 10))
        ages.samplePrimary(WALPosition(bytes: 10), at: start)
        ages.samplePrimary(WALPosition(bytes: 20), at: start + .seconds(1))
        #expect(ages.age(of: 1, at: start + .seconds(1)) == .seconds(1))
        ages.sampleReplica(1, WALPosition(bytes: 20))
        #expect(ages.age(of: 1, at: start + .seconds(1)) == .zero)
        // An idle primary is seen again at the same place.
        ages.samplePrimary(WALPosition(bytes: 20), at: start + .seconds(5))
        #expect(ages.age(of: 1, at: start + .seconds(6)) == .seconds(1))
        #expect(ages.sincePrimary(at: start + .seconds(6)) == .seconds(1))
    }
}

@Suite("what is entered")
struct InputTests {
    @Test(
        "orders are checked item by item",
        arguments: [
            ([], ["/items"]), ([("A", 0)], ["/items/0/quantity"]), ([("A", 1), ("A", 2)], ["/items/1/sku"]),
            ([("a b", 1)], ["/items/0/sku"]), ([("", 10_001)], ["/items/0/sku", "/items/0/quantity"]), ([("A", 1)], []),
        ] as [([(String, Int)], [String])])
    func orders(items: [(String, Int)], pointers: [String]) {
        let input = OrderInput(items: items.map { OrderInput.Item(sku: $0.0, quantity: $0.1) })
        #expect(input.faults.map(\.pointer) == pointers)
    }

    @Test("two bodies that order the same have one fingerprint")
    func fingerprint() {
        let one = OrderInput(items: [.init(sku: "A", quantity: 1), .init(sku: "B", quantity: 2)])
        let same = OrderInput(items: [.init(sku: "B", quantity: 2), .init(sku: "A", quantity: 1)])
        let other = OrderInput(items: [.init(sku: "A", quantity: 2), .init(sku: "B", quantity: 1)])
        #expect(one.fingerprint == same.fingerprint && one.fingerprint != other.fingerprint)
        #expect(one.fingerprint.count == 64)
    }

    @Test("searches are words")
    func words() throws {
        #expect(try ProductFilter.words(in: "Blue  mug's & 'x' | !") == ["blue", "mug", "s", "x"])
        #expect(ProductFilter(words: ["blue", "mug"]).searchExpression == "blue:* & mug:*")
        #expect(throws: Problem.self) { try ProductFilter.words(in: " !&") }
    }

    @Test("pages end where one more follows")
    func pages() {
        let page = Page([1, 2, 3], limit: 2) { Int64($0) }
        #expect(page.items == [1, 2] && page.next == Cursor(number: 2))
        #expect(Page([1, 2], limit: 2) { Int64($0) }.next == nil)
        #expect(Cursor(Cursor(number: 77).description) == Cursor(number: 77))
    }
}

@Suite("seed")
struct SeedTests {
    @Test("the same seed makes the same rows, each on one shard, and the counts asked for")
    func deterministic() throws {
        let plan = try SeedPlan(stores: 7, products: 100, users: 20, orders: 30, seed: 42)
        let map = try ShardMap(shards: ["shard-0", "shard-1"])
        let rows = (0..<2).map { SeedRows(plan, map: map, shard: $0) }
        let again = (0..<2).map { SeedRows(plan, map: map, shard: $0) }
        #expect(rows[0].products == again[0].products && rows[1].orders == again[1].orders)
        #expect(rows.reduce(0) { $0 + $1.stores.count } == 7)
        #expect(rows.reduce(0) { $0 + $1.products.count } == 100)
        #expect(rows.reduce(0) { $0 + $1.users.count } == 20)
        #expect(rows.reduce(0) { $0 + $1.orders.count } == 30)
        #expect(Set(rows[0].skus).count == rows[0].skus.count)
        let other = SeedRows(
            try SeedPlan(stores: 7, products: 100, users: 20, orders: 30, seed: 43), map: map, shard: 0)
        #expect(other.stores != rows[0].stores)
    }

    @Test("plans that cannot be are refused")
    func plans() {
        #expect(throws: SettingsError.self) { try SeedPlan(stores: 0, products: 1, users: 0, orders: 0, seed: 1) }
        #expect(throws: SettingsError.self) { try SeedPlan(stores: 1, products: -1, users: 0, orders: 0, seed: 1) }
        #expect(throws: SettingsError.self) { try SeedPlan(stores: 2, products: 1, users: 1, orders: 1, seed: 1) }
    }
}
