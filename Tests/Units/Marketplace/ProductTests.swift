import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// Stores and products over HTTP: what is accepted, what is refused, how lists go on.
    @Suite("stores and products", .timeLimit(.minutes(2)))
    struct ProductTests {
        @Test("a product's life")
        func life() async throws {
            try await MarketplaceFleet.shared().serve(.off(.readReplicas)) { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 5, price: 1250)
                let path = "/v1/stores/\(store)/products/\(product)"
                let read = try await client.get(path).json["data"]
                #expect(read["name"].string == "Blue Mug" && read["currency"].string == "EUR")
                #expect(read["skus"].array.first?["priceMinor"].int == 1250)

                let body = #"{"name":"Red Mug","category":"home","skus":[{"sku":"MUG-2","priceMinor":1,"quantity":3}]}"#
                #expect(try await client.request(.put, path, body).code == "precondition_required")
                let late = try await client.request(.put, path, body, ["If-Match": "\"9\""])
                #expect(late.status == .preconditionFailed && late.code == "precondition_failed")
                let changed = try await client.request(.put, path, body, ["If-Match": "\"1\""])
                #expect(changed.status == .ok && changed.header("ETag") == "\"2\"")
                #expect(changed.json["data"]["skus"].array.compactMap { $0["sku"].string } == ["MUG-1", "MUG-2"])

                #expect(
                    try await client.request(.delete, "/v1/stores/\(store)", nil, ["If-Match": "*"]).code
                        == "store_not_empty")
                #expect(try await client.request(.delete, path, nil, ["If-Match": "\"2\""]).status == .noContent)
                #expect(try await client.get(path).code == "product_not_found")
                let order = try await client.order(in: store, sku: "MUG-1", key: "k")
                #expect(order.code == "validation_failed")
                #expect(
                    try await client.request(.delete, "/v1/stores/\(store)", nil, ["If-Match": "*"]).status
                        == .noContent)
                #expect(try await client.get("/v1/stores/\(store)").code == "store_not_found")
            }
        }

        @Test("of two who change the same version one wins")
        func race() async throws {
            try await MarketplaceFleet.shared().serve { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 5)
                let answers = try await atOnce(8) { index in
                    try await client.request(
                        .put, "/v1/stores/\(store)/products/\(product)", #"{"name":"Mug \#(index)","category":"home"}"#,
                        ["If-Match": "\"1\""])
                }
                #expect(answers.count { $0.status == .ok } == 1)
                #expect(answers.count { $0.status == .preconditionFailed } == 7)
            }
        }

        @Test("a SKU is one product's")
        func skuTaken() async throws {
            try await MarketplaceFleet.shared().serve { client in
                let store = try await client.makeStore()
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 5)
                let second = try await client.makeProduct(in: store, sku: "MUG-2", quantity: 5)
                let body = #"{"name":"Mug","category":"home","skus":[{"sku":"MUG-1","priceMinor":1}]}"#
                #expect(try await client.request(.post, "/v1/stores/\(store)/products", body).code == "already_exists")
                let path = "/v1/stores/\(store)/products/\(second)"
                #expect(try await client.request(.put, path, body, ["If-Match": "*"]).code == "already_exists")
                #expect(try await client.request(.put, path, body, ["If-Match": "\"1\""]).code == "already_exists")
            }
        }

        @Test("lists go on where they ended, newest first, by category and by words")
        func lists() async throws {
            try await MarketplaceFleet.shared().serve(.off(.readReplicas)) { client in
                let store = try await client.makeStore()
                for index in 0..<7 {
                    let category = index % 2 == 0 ? "even" : "odd"
                    _ = try await client.request(
                        .post, "/v1/stores/\(store)/products",
                        #"{"name":"Thing N\#(index) Lamp","category":"\#(category)","skus":[{"sku":"T\#(index)","priceMinor":1}]}"#
                    )
                }
                var names: [String] = []
                var path = "/v1/stores/\(store)/products?limit=3"
                for _ in 0..<4 {
                    let page = try await client.get(path).json
                    names += page["data"].array.compactMap { $0["name"].string }
                    guard let cursor = page["meta"]["nextCursor"].string else { break }
                    path = "/v1/stores/\(store)/products?limit=3&cursor=\(cursor)"
                }
                #expect(Set(names).count == 7 && names.count == 7)
                let odd = try await client.get("/v1/stores/\(store)/products?category=odd").json["data"].array
                #expect(odd.count == 3)
                let found = try await client.get("/v1/stores/\(store)/products?q=lam%20N3").json["data"].array
                #expect(found.compactMap { $0["name"].string } == ["Thing N3 Lamp"])
            }
        }

        @Test(
            "what is not there is said so",
            arguments: [
                ("/v1/stores/st_0000000000001", "store_not_found"), ("/v1/stores/nonsense", "store_not_found"),
                ("/v1/stores/st_0000000000001/products", "store_not_found"),
                ("/v1/stores/st_0000000000001/products/pr_00000000000010000000000001", "product_not_found"),
                ("/v1/stores/st_0000000000001/products/pr_00000000000020000000000001", "product_not_found"),
                ("/v1/stores/st_0000000000001/inventory/A", "sku_not_found"),
                ("/v1/stores/st_0000000000001/orders/or_00000000000010000000000001", "order_not_found"),
                ("/nowhere", "route_not_found"),
            ])
        func absent(path: String, code: String) async throws {
            try await MarketplaceFleet.shared().serve { client in
                let answer = try await client.get(path)
                #expect(answer.status == .notFound && answer.code == code, "\(answer.text)")
                #expect(answer.json["requestId"].string == answer.header("X-Request-Id"))
            }
        }

        @Test(
            "bad input is refused before anything is asked",
            arguments: [
                ("limit=0", "invalid_parameter"), ("limit=x", "invalid_parameter"), ("cursor=abc", "invalid_parameter"),
                ("category=Not%20One", "invalid_parameter"), ("q=%20", "invalid_parameter"),
            ])
        func badQuery(query: String, code: String) async throws {
            try await MarketplaceFleet.shared().serve { client in
                let answer = try await client.get("/v1/stores/st_0000000000001/products?\(query)")
                #expect(answer.status == .badRequest && answer.code == code)
            }
        }

        @Test("bodies have to be JSON, of a bounded size, and carry no control characters")
        func badBodies() async throws {
            try await MarketplaceFleet.shared().serve { client in
                let plain = try await client.request(
                    .post, "/v1/stores", #"{"name":"A","currency":"EUR"}"#, ["Content-Type": "text/plain"])
                #expect(plain.status == .unsupportedMediaType && plain.code == "unsupported_media_type")
                let large = #"{"name":""# + String(repeating: "a", count: 300_000) + #"","currency":"EUR"}"#
                #expect(try await client.request(.post, "/v1/stores", large).code == "body_too_large")
                let nul = try await client.request(.post, "/v1/stores", #"{"name":"a\u0000b","currency":"EUR"}"#)
                #expect(nul.status == .unprocessableContent)
                #expect(nul.json["errors"].array.first?["pointer"].string == "/name")
                let currency = try await client.request(.post, "/v1/stores", #"{"name":"A","currency":"eur"}"#)
                #expect(currency.json["errors"].array.first?["pointer"].string == "/currency")
            }
        }

        @Test("every answer has an id and headers that keep a browser out")
        func headers() async throws {
            try await MarketplaceFleet.shared().serve { client in
                let own = try await client.get("/health/live", ["X-Request-Id": "mine-1"])
                #expect(own.header("X-Request-Id") == "mine-1")
                #expect(own.header("X-Content-Type-Options") == "nosniff")
                let long = try await client.get("/health/live", ["X-Request-Id": String(repeating: "a", count: 200)])
                #expect(long.header("X-Request-Id")?.hasPrefix("rq_") == true)
                for path in ["/health/liveness", "/api/health/readiness", "/api/metrics"] {
                    #expect(try await client.get(path).status == .ok)
                }
                let metrics = try await client.get("/metrics", ["Accept": "application/json"])
                #expect(metrics.json["marketplace_requests_total"].array.first?["value"].int ?? 0 > 0)
            }
        }
    }
}
