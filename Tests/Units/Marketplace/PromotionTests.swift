import HummingbirdTesting
import Postgres
import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// A primary is lost and a replica takes its place, as servers see it.
    @Suite("promotion", .timeLimit(.minutes(5)))
    struct PromotionTests {
        private static let (old, new, sibling) = ("shard-0-primary", "shard-0-replica-0", "shard-0-replica-1")
        private static let withoutCache = ReplicaTests.withoutCache

        @Test("the new primary is found, its sibling follows, the old one is refused, and what was lost is said so")
        func promotion() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            try await fleet.serve(Self.withoutCache) { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 9)
                let path = "/v1/stores/\(store)/products/\(product)"
                let kept = try #require(
                    try await client.rename(product, in: store, to: "Kept").header("Consistency-Token"))
                for name in [Self.new, Self.sibling] {
                    try await fleet.caughtUp(name)
                    try await fleet.stopReceiving(name)
                }
                let lost = try #require(
                    try await client.rename(product, in: store, to: "Lost").header("Consistency-Token"))

                try fleet.server(Self.old).kill()
                try await fleet.promote(Self.new)
                try await fleet.follow(Self.sibling, Self.new)
                try await eventually("the new primary takes orders") {
                    try await client.order(in: store, sku: "MUG-1", key: "one").nodes == [Self.new]
                }
                #expect(try await client.stock(in: store, sku: "MUG-1") == 8)
                try await lostAndKept(client, path, store, product, lost: lost, kept: kept)
                try await eventually("the sibling serves on the new timeline") {
                    try await client.nodes(path).contains(Self.sibling)
                }

                try await fleet.server(Self.old).start()
                try await eventually("the old primary answers") {
                    client.counter(#"marketplace_breaker_state{dependency="shard-0-primary"}"#) == 0
                }
                let writes = #"marketplace_writes_total{node="shard-0-primary"}"#
                let before = client.counter(writes)
                for number in 0..<5 {
                    #expect(try await client.order(in: store, sku: "MUG-1", key: "after-\(number)").nodes == [Self.new])
                }
                #expect(client.counter(writes) == before)
                #expect(try await client.nodes(path, count: 12).isDisjoint(with: [Self.old]))
                try await fleet.serve(Self.withoutCache) { fresh in
                    try await eventually("a fresh server finds it too") {
                        try await fresh.order(in: store, sku: "MUG-1", key: "one").nodes == [Self.new]
                    }
                    try await lostAndKept(fresh, path, store, product, lost: lost, kept: kept)
                    #expect(try await fresh.nodes(path, count: 12).isDisjoint(with: [Self.old]))
                }
            }
        }

        @Test("what the caches have of the lost history is shown to nobody")
        func cachedAndLost() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            try await fleet.serve { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 9)
                let paths = ["/v1/stores/\(store)/products/\(product)", "/v1/stores/\(store)/products"]
                // Orders tell the caches of what they change: those that look for the primary are another store's.
                let other = try await client.makeStore()
                _ = try await client.makeProduct(in: other, sku: "MUG-2", quantity: 9)
                for name in [Self.new, Self.sibling] {
                    try await fleet.caughtUp(name)
                    try await fleet.stopReceiving(name)
                }
                #expect(try await client.rename(product, in: store, to: "Lost").status == .ok)
                for path in paths {
                    try await eventually("\(path) is kept") {
                        let answer = try await client.get(path)
                        return answer.isKept && answer.text.contains("Lost")
                    }
                }
                try fleet.server(Self.old).kill()
                try await fleet.promote(Self.new)
                try await fleet.follow(Self.sibling, Self.new)
                try await eventually("the new primary takes orders") {
                    try await client.order(in: other, sku: "MUG-2", key: "one").nodes == [Self.new]
                }
                for path in paths {
                    for answer in try await atOnce(20, { _ in try await client.get(path) }) {
                        #expect(answer.text.contains("Blue Mug") && !answer.text.contains("Lost"), "\(answer.text)")
                    }
                }
            }
        }

        /// A token past the fork is told so, whatever it asks for; one before it goes on, on the new timeline.
        private func lostAndKept(
            _ client: MarketplaceClient, _ path: String, _ store: String, _ product: String, lost: String, kept: String
        ) async throws {
            let read = try await client.get(path, ["Consistency-Token": lost])
            #expect(read.status == .gone && read.code == "history_lost")
            let write = try await client.rename(product, in: store, to: "More", ["Consistency-Token": lost])
            #expect(write.code == "history_lost")
            let orders = try await client.get("/v1/stores/\(store)/orders", ["Consistency-Token": lost])
            #expect(orders.code == "history_lost")
            let found = try await client.get(path, ["Consistency-Token": kept])
            #expect(found.status == .ok && found.json["data"]["name"].string == "Kept")
            #expect(found.header("Consistency-Token")?.contains("shard-0=2:") == true)
        }

        @Test("a sibling that went past the fork is not asked: it would serve what was lost")
        func siblingAhead() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            let change = SettingsChange {
                ReplicaTests.withoutCache.apply(&$0)
                $0.features[.staleBound] = false
            }
            try await fleet.serve(change) { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 9)
                let path = "/v1/stores/\(store)/products/\(product)"
                for name in [Self.new, Self.sibling] { try await fleet.caughtUp(name) }
                try await fleet.stopReceiving(Self.new)
                #expect(try await client.rename(product, in: store, to: "Lost").status == .ok)
                try await fleet.caughtUp(Self.sibling)
                try fleet.server(Self.old).kill()
                try await fleet.promote(Self.new)
                try await eventually("the new primary takes orders") {
                    try await client.order(in: store, sku: "MUG-1", key: "one").nodes == [Self.new]
                }
                let answers = try await atOnce(20) { _ in try await client.get(path) }
                #expect(answers.allSatisfy { $0.json["data"]["name"].string == "Blue Mug" && $0.nodes == [Self.new] })
                #expect(client.marketplace.shards[0].roles.replicas.isEmpty)
            }
        }

        @Test("in durable mode a commit that no replica confirms is unknown, then orders fail fast and reads go on")
        func durable() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            let change = SettingsChange {
                ReplicaTests.withoutCache.apply(&$0)
                $0.database.writeDeadline = .seconds(2)
                $0.resilience.monitor = .init(interval: .milliseconds(50), timeout: .milliseconds(500))
            }
            try await fleet.server(Self.old).set("synchronous_standby_names", to: "ANY 1 (*)")
            try await fleet.serve(change) { client in
                let store = try await client.makeStore()
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 9)
                for name in [Self.new, Self.sibling] {
                    try await fleet.caughtUp(name)
                    try fleet.server(name).pause()
                }
                let unknown = try await client.order(in: store, sku: "MUG-1", key: "one")
                #expect(unknown.code == "outcome_unknown")
                let primary = #"marketplace_breaker_state{dependency="shard-0-primary"}"#
                try await eventually("orders are refused at once") {
                    let start = Environment.live.now()
                    let refused = try await client.order(in: store, sku: "MUG-1", key: "two")
                    return refused.code == "dependency_unavailable" && Environment.live.now() - start < .seconds(1)
                }
                let reads = try await atOnce(10) { _ in try await client.get("/v1/stores/\(store)/products") }
                #expect(reads.allSatisfy { $0.status == .ok && $0.nodes == [Self.old] })
                #expect(client.counter(primary) == 0, "the primary is well: only its commits wait")

                for name in [Self.new, Self.sibling] { try fleet.server(name).resume() }
                try await eventually("orders are taken again, and the unknown one was one order") {
                    try await client.order(in: store, sku: "MUG-1", key: "one").status == .created
                }
                let stock = try await client.stock(in: store, sku: "MUG-1")
                #expect(try await client.orders(in: store).count == 9 - stock)
            }
        }
    }
}
