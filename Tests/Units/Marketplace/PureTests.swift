import NIOCore
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
        #expect(rows[0].brands == again[0].brands && rows[1].categories == again[1].categories)
        for part in rows { #expect(part.categories.count == part.stores.count * 27 && !part.brands.isEmpty) }
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
