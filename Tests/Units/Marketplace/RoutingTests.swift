import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// Where reads and writes go, and what becomes of them when a node is away.
    @Suite("routing", .timeLimit(.minutes(3)))
    struct RoutingTests {
        @Test("reads hit replicas in turn, writes the primary")
        func roles() async throws {
            let fleet = try await MarketplaceFleet.shared()
            try await fleet.serve { client in
                let store = try await client.makeStore()
                try await eventually("every replica has the store") {
                    let answers = try await atOnce(4) { _ in try await client.get("/v1/stores/\(store)") }
                    return answers.allSatisfy { $0.status == .ok }
                }
                let before = client.counter(#"marketplace_reads_total{node="shard-0-primary"}"#)
                var nodes: [String: Int] = [:]
                for _ in 0..<10 {
                    for node in try await client.get("/v1/stores/\(store)").nodes { nodes[node, default: 0] += 1 }
                }
                #expect(nodes == ["shard-0-replica-0": 5, "shard-0-replica-1": 5])
                #expect(client.counter(#"marketplace_reads_total{node="shard-0-primary"}"#) == before)
                let written = try await client.request(
                    .put, "/v1/stores/\(store)", #"{"name":"New","currency":"EUR"}"#, ["If-Match": "*"])
                #expect(written.nodes == ["shard-0-primary"])
                for replica in ["shard-0-replica-0", "shard-0-replica-1"] {
                    #expect(client.counter(#"marketplace_writes_total{node="\#(replica)"}"#) == 0)
                }
            }
        }

        @Test("without the feature reads hit the primary")
        func withoutReplicas() async throws {
            try await MarketplaceFleet.shared().serve(.off(.readReplicas)) { client in
                let store = try await client.makeStore()
                #expect(try await client.get("/v1/stores/\(store)").nodes == ["shard-0-primary"])
            }
        }

        @Test("the list of stores crosses the shards, and says when one is missing")
        func acrossShards() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            try await fleet.serve { client in
                let ids = [try await client.makeStore(on: 0), try await client.makeStore(on: 1)]
                for name in ["shard-0-replica-0", "shard-0-replica-1"] { try await fleet.caughtUp(name) }
                var found: [String] = []
                var path = "/v1/stores?limit=1"
                for _ in 0..<500 {
                    let page = try await client.get(path).json
                    found += page["data"].array.compactMap { $0["id"].string }
                    guard let cursor = page["meta"]["nextCursor"].string else { break }
                    path = "/v1/stores?limit=1&cursor=\(cursor)"
                }
                #expect(found == found.sorted() && Set(found).count == found.count)
                #expect(Set(ids).isSubset(of: found))

                try fleet.server("shard-1-primary").kill()
                try await eventually("the list is partial") {
                    let page = try await client.get("/v1/stores?limit=100")
                    return page.status == .ok && page.text.contains(#""partial":true,"missingShards":["shard-1"]"#)
                }
                #expect(try await client.get("/v1/stores/\(ids[0])").status == .ok)
            }
        }

        @Test("a paused replica's reads are answered by others, and its breaker opens and closes")
        func pausedReplica() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            try await fleet.serve(.contractPace) { client in
                let store = try await client.makeStore()
                try await fleet.caughtUp("shard-0-replica-1")
                try fleet.server("shard-0-replica-0").pause()
                let answers = try await atOnce(40) { _ in try await client.get("/v1/stores/\(store)") }
                #expect(answers.allSatisfy { $0.status == .ok })
                let state = #"marketplace_breaker_state{dependency="shard-0-replica-0"}"#
                try await eventually("the breaker is open") { client.counter(state) == 2 }
                #expect(try await client.get("/v1/stores/\(store)").nodes == ["shard-0-replica-1"])
                #expect(
                    client.counter(
                        #"marketplace_dependency_calls_total{dependency="shard-0-replica-0",outcome="refused"}"#)
                        > 0)
                try fleet.server("shard-0-replica-0").resume()
                try await eventually("the breaker is closed") { client.counter(state) == 0 }
                try await eventually("it serves again") {
                    try await client.get("/v1/stores/\(store)").nodes == ["shard-0-replica-0"]
                }
            }
        }

        @Test("without a primary a shard is read-only and says so; orders fail fast; the other shard is untouched")
        func pausedPrimary() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            try await fleet.serve { client in
                let (store, other) = (try await client.makeStore(on: 0), try await client.makeStore(on: 1))
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 5)
                _ = try await client.makeProduct(in: other, sku: "MUG-1", quantity: 5)
                for name in ["shard-0-replica-0", "shard-0-replica-1"] { try await fleet.caughtUp(name) }
                try fleet.server("shard-0-primary").pause()
                try await eventually("the breaker is open") {
                    client.counter(#"marketplace_breaker_state{dependency="shard-0-primary"}"#) == 2
                }
                let read = try await client.get("/v1/stores/\(store)/products")
                #expect(read.status == .ok)
                #expect(read.header("Degraded")?.hasPrefix("read-only; age=") == true)
                let refused = try await client.order(in: store, sku: "MUG-1", key: "one")
                #expect(refused.status == .serviceUnavailable && refused.code == "dependency_unavailable")
                #expect(refused.header("Retry-After") != nil)
                let placed = try await client.order(in: other, sku: "MUG-1", key: "one")
                #expect(placed.status == .created && placed.header("Degraded") == nil)
                #expect(try await client.get("/health/ready").status == .ok)

                try fleet.server("shard-0-primary").resume()
                try await eventually("orders are taken again") {
                    try await client.order(in: store, sku: "MUG-1", key: "one").status == .created
                }
                #expect(try await client.stock(in: store, sku: "MUG-1") == 4)
            }
        }
    }
}
