import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// One order per key, stock never negative, whatever comes at once.
    @Suite("orders", .timeLimit(.minutes(3)))
    struct OrderTests {
        @Test("a hundred double-clicks give one order")
        func doubleClick() async throws {
            try await MarketplaceFleet.shared().serve { client in
                let store = try await client.makeStore()
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 500)
                let answers = try await atOnce(100) { _ in try await client.order(in: store, sku: "MUG-1", key: "click")
                }
                #expect(answers.allSatisfy { $0.status == .created }, "\(Set(answers.map(\.status.code)))")
                #expect(Set(answers.map(\.text)).count == 1)
                #expect(answers.count { $0.header("Idempotent-Replayed") == nil } == 1)
                #expect(try await client.orders(in: store).count == 1)
                #expect(try await client.stock(in: store, sku: "MUG-1") == 499)
            }
        }

        @Test("without the guard double-clicks give more orders, and every other answer stays the same")
        func doubleClickUnguarded() async throws {
            try await MarketplaceFleet.shared().serve(.off(.idempotency)) { client in
                let store = try await client.makeStore()
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 500)
                let answers = try await atOnce(20) { _ in try await client.order(in: store, sku: "MUG-1", key: "click")
                }
                #expect(answers.allSatisfy { $0.status == .created })
                #expect(try await client.orders(in: store).count == 20)
                #expect(try await client.stock(in: store, sku: "MUG-1") == 480)
            }
        }

        @Test("stock is never sold twice")
        func noOversell() async throws {
            try await MarketplaceFleet.shared().serve { client in
                let store = try await client.makeStore(on: 1)
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 30)
                let answers = try await atOnce(60) { try await client.order(in: store, sku: "MUG-1", key: "key-\($0)") }
                #expect(answers.count { $0.status == .created } == 30)
                #expect(answers.count { $0.code == "insufficient_stock" } == 30)
                #expect(try await client.stock(in: store, sku: "MUG-1") == 0)
            }
        }

        @Test("orders of the same things in another order do not block each other")
        func noDeadlock() async throws {
            try await MarketplaceFleet.shared().serve { client in
                let store = try await client.makeStore()
                for sku in ["A", "B", "C"] { _ = try await client.makeProduct(in: store, sku: sku, quantity: 100) }
                let bodies = [["A", "B", "C"], ["C", "B", "A"], ["B", "A", "C"]].map { skus in
                    #"{"items":["# + skus.map { #"{"sku":"\#($0)","quantity":1}"# }.joined(separator: ",") + "]}"
                }
                let answers = try await atOnce(60) { index in
                    try await client.request(
                        .post, "/v1/stores/\(store)/orders", bodies[index % 3],
                        ["Idempotency-Key": "k\(index)", "X-Customer-Id": "ada"])
                }
                #expect(
                    answers.allSatisfy { $0.status == .created },
                    "\(answers.first { $0.status != .created }?.text ?? "")")
                #expect(try await client.stock(in: store, sku: "B") == 40)
            }
        }

        @Test("a key is one customer's, and for one request")
        func keyScope() async throws {
            try await MarketplaceFleet.shared().serve { client in
                let store = try await client.makeStore()
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 10)
                let first = try await client.order(in: store, sku: "MUG-1", key: "same")
                let other = try await client.order(in: store, sku: "MUG-1", key: "same", customer: "bob")
                #expect(first.json["data"]["id"].string != other.json["data"]["id"].string)
                let reused = try await client.order(in: store, sku: "MUG-1", quantity: 2, key: "same")
                #expect(reused.status == .conflict && reused.code == "idempotency_key_reused")
            }
        }

        @Test("only what succeeded is replayed")
        func refusalsAreNotReplayed() async throws {
            try await MarketplaceFleet.shared().serve { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 1)
                let refused = try await client.order(in: store, sku: "MUG-2", key: "later")
                #expect(refused.status == .unprocessableContent)
                let path = "/v1/stores/\(store)/products/\(product)"
                try await eventually("a replica has the product") { try await client.get(path).header("ETag") != nil }
                let version = try #require(try await client.get(path).header("ETag"))
                let changed = try await client.request(
                    .put, "/v1/stores/\(store)/products/\(product)",
                    #"{"name":"Mug","category":"kitchen","skus":[{"sku":"MUG-2","priceMinor":700,"quantity":5}]}"#,
                    ["If-Match": version])
                #expect(changed.status == .ok)
                #expect(try await client.order(in: store, sku: "MUG-2", key: "later").status == .created)
            }
        }

        @Test("cancelling returns the stock once, and a replay still answers as at first")
        func cancelling() async throws {
            try await MarketplaceFleet.shared().serve { client in
                let store = try await client.makeStore()
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 10)
                let placed = try await client.order(in: store, sku: "MUG-1", quantity: 4, key: "one")
                let id = try #require(placed.json["data"]["id"].string)
                #expect(placed.json["data"]["totalMinor"].int == 2000)
                let answers = try await atOnce(10) { _ in
                    try await client.request(.post, "/v1/stores/\(store)/orders/\(id)/cancel", nil)
                }
                #expect(answers.allSatisfy { $0.json["data"]["status"].string == "cancelled" })
                #expect(try await client.stock(in: store, sku: "MUG-1") == 10)
                #expect(try await client.order(in: store, sku: "MUG-1", quantity: 4, key: "one").text == placed.text)
                let now = try await client.get("/v1/stores/\(store)/orders/\(id)")
                #expect(now.json["data"]["status"].string == "cancelled")
            }
        }

        @Test("an item of another store is refused by its place, and nothing is written; the own store may be named")
        func crossShardWrite() async throws {
            try await MarketplaceFleet.shared().serve { client in
                let (store, other) = (try await client.makeStore(on: 0), try await client.makeStore(on: 1))
                for each in [store, other] { _ = try await client.makeProduct(in: each, sku: "MUG-1", quantity: 10) }
                _ = try await client.makeProduct(in: other, sku: "MUG-2", quantity: 10)
                let own = #"{"sku":"MUG-1","quantity":1,"storeId":"\#(store)"}"#
                let foreign = #"{"sku":"MUG-2","quantity":1,"storeId":"\#(other)"}"#
                let headers = ["Idempotency-Key": "one", "X-Customer-Id": "ada"]
                let path = "/v1/stores/\(store)/orders"

                let refused = try await client.request(.post, path, #"{"items":[\#(own),\#(foreign)]}"#, headers)
                #expect(refused.status == .unprocessableContent && refused.code == "cross_shard_write")
                #expect(refused.json["errors"].array.map { $0["pointer"].string } == ["/items/1/storeId"])
                for each in [store, other] {
                    #expect(try await client.orders(in: each).isEmpty)
                    #expect(try await client.stock(in: each, sku: "MUG-1") == 10)
                }
                #expect(try await client.stock(in: other, sku: "MUG-2") == 10)

                // The key is as new as before.
                let placed = try await client.request(.post, path, #"{"items":[\#(own)]}"#, headers)
                #expect(placed.status == .created && placed.header("Idempotent-Replayed") == nil, "\(placed.text)")
                #expect(try await client.stock(in: store, sku: "MUG-1") == 9)
            }
        }

        @Test(
            "what is wrong is said by a code",
            arguments: [
                (#"{"items":[]}"#, "k", "ada", 422, "validation_failed"),
                (#"{"items":[{"sku":"A","quantity":0}]}"#, "k", "ada", 422, "validation_failed"),
                (#"{"items":[{"sku":"A"}]}"#, "k", "ada", 400, "malformed_body"),
                (#"{"items""#, "k", "ada", 400, "malformed_body"),
                (#"{"items":[{"sku":"A","quantity":1}]}"#, "", "ada", 400, "idempotency_key_missing"),
                (#"{"items":[{"sku":"A","quantity":1}]}"#, "a b", "ada", 400, "invalid_parameter"),
                (#"{"items":[{"sku":"A","quantity":1}]}"#, "k", "", 400, "customer_missing"),
            ])
        func refusals(body: String, key: String, customer: String, status: Int, code: String) async throws {
            try await MarketplaceFleet.shared().serve { client in
                let store = try await client.makeStore()
                let answer = try await client.request(
                    .post, "/v1/stores/\(store)/orders", body, ["Idempotency-Key": key, "X-Customer-Id": customer])
                #expect(answer.status.code == status && answer.code == code, "\(answer.text)")
                #expect(answer.header("Content-Type") == "application/problem+json")
            }
        }
    }
}

/// Starts many at once and gathers their results.
func atOnce<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Result
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: Result.self) { group in
        for index in 0..<count { group.addTask { try await body(index) } }
        return try await group.reduce(into: []) { $0.append($1) }
    }
}
