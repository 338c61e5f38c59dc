import HummingbirdTesting
import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// What is kept in Redis, and what a change does to it.
    @Suite("cache", .timeLimit(.minutes(3)))
    struct CacheTests {
        @Test("a product is kept on its first read and taken away by a change")
        func product() async throws {
            try await MarketplaceFleet.shared().serve(.off(.readReplicas)) { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 5)
                let path = "/v1/stores/\(store)/products/\(product)"
                // Nothing is kept for a moment after it was made.
                try await eventually("it is kept") { try await client.get(path).isKept }
                let kept = try await client.get(path)
                #expect(kept.nodes.isEmpty && kept.header("ETag") == "\"1\"")
                let changed = try await client.request(
                    .put, path, #"{"name":"Red Mug","category":"kitchen"}"#, ["If-Match": "\"1\""])
                #expect(changed.status == .ok)
                let fresh = try await client.get(path)
                #expect(fresh.cache == "miss" && fresh.json["data"]["name"].string == "Red Mug")
                #expect(fresh.header("ETag") == "\"2\"")
            }
        }

        @Test("an order shows in product and list at once")
        func orderInvalidates() async throws {
            try await MarketplaceFleet.shared().serve(.off(.readReplicas)) { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 5)
                for path in ["/v1/stores/\(store)/products/\(product)", "/v1/stores/\(store)/products"] {
                    try await eventually("\(path) is kept") { try await client.get(path).isKept }
                }
                _ = try await client.order(in: store, sku: "MUG-1", key: "one")
                for path in ["/v1/stores/\(store)/products/\(product)", "/v1/stores/\(store)/products"] {
                    #expect(try await client.get(path).text.contains(#""quantity":4"#))
                }
            }
        }

        @Test("a slow reader does not put the old value back", arguments: [nil, 2 as Int64])
        func slowReader(version: Int64?) async throws {
            try await MarketplaceFleet.shared().serve { client in
                let cache = client.marketplace.cache
                let store = try #require(StoreID(try await client.makeStore()))
                let id = ProductID(store: store, number: 7)
                let (reached, changed) = (AsyncGate(), AsyncGate())
                let old = Task {
                    try await cache.product(id, trace: RequestTrace()) { _ in
                        await reached.open()
                        await changed.wait()
                        return CacheEntry(tag: "1", body: .init(string: "old"), number: 1)
                    }
                }
                await reached.wait()
                await cache.invalidate(store: store, products: [id], versions: version.map { [$0] })
                await changed.open()
                #expect(try await old.value?.tag == "1")
                let next = try await cache.product(id, trace: RequestTrace()) { _ in
                    CacheEntry(tag: "2", body: .init(string: "new"), number: 2)
                }
                #expect(next?.tag == "2")
                try await eventually("the new one is kept") {
                    let trace = RequestTrace()
                    let kept = try await cache.product(id, trace: trace) { _ in
                        CacheEntry(tag: "2", body: .init(string: "new"), number: 2)
                    }
                    #expect(kept?.tag == "2")
                    return trace.record.databaseCalls.isEmpty && trace.record.cache != .miss
                }
            }
        }

        @Test("without the cache the database answers, and its breaker opens")
        func killed() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            try await fleet.serve { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 5)
                for name in ["shard-0-replica-0", "shard-0-replica-1"] { try await fleet.caughtUp(name) }
                fleet.cache.kill()
                let answers = try await atOnce(50) { _ in
                    try await client.get("/v1/stores/\(store)/products/\(product)")
                }
                #expect(answers.allSatisfy { $0.status == .ok })
                try await eventually("the breaker is open") {
                    client.counter(#"marketplace_breaker_state{dependency="cache"}"#) == 2
                }
                #expect(try await client.get("/v1/stores/\(store)/products").status == .ok)
                #expect(try await client.order(in: store, sku: "MUG-1", key: "one").status == .created)
                #expect(try await client.get("/health/ready").status == .ok)
                try await fleet.cache.launch()
                try await eventually("the cache answers again") {
                    try await client.get("/v1/stores/\(store)/products/\(product)").isKept
                        && client.counter(#"marketplace_breaker_state{dependency="cache"}"#) == 0
                }
            }
        }

        @Test("an entry that was changed on the way is no entry")
        func checksum() throws {
            let entry = CacheEntry(tag: "12", body: .init(string: #"{"data":{"name":"Mug"},"meta":{}}"#))
            let bytes = Array(entry.encoded.readableBytesView)
            #expect(CacheEntry(bytes) == entry)
            for place in bytes.indices {
                for bit in 0..<8 {
                    var bent = bytes
                    bent[place] ^= 1 << bit
                    #expect(CacheEntry(bent) == nil, "bit \(bit) of byte \(place)")
                }
            }
            for length in 0..<bytes.count { #expect(CacheEntry(Array(bytes.prefix(length))) == nil) }
        }
    }
}

/// A gate that many may wait at and one opens for good.
actor AsyncGate {
    private var isOpen = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func open() {
        isOpen = true
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    func wait() async {
        if isOpen { return }
        await withCheckedContinuation { waiters.append($0) }
    }
}

extension TestResponse {
    /// Whether it came from a layer of the cache.
    var isKept: Bool { cache == "hit" || cache == "memory" }
}
