import HummingbirdTesting
import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// What `Consistency-Token` promises, on two servers, with replicas that show nothing new.
    @Suite("sessions", .timeLimit(.minutes(5)))
    struct SessionTests {
        private static let replicas = ReplicaTests.replicas

        /// Replicas stay in rotation however old: what is tested is the token alone.
        private static func change(_ readsOwnWrites: Bool = true) -> SettingsChange {
            SettingsChange {
                ReplicaTests.withoutCache.apply(&$0)
                $0.features[.staleBound] = false
                $0.features[.readYourWrites] = readsOwnWrites
                $0.database.readDeadline = .seconds(5)
            }
        }

        /// Two servers over one fleet, and a product that both replicas have.
        private func serveTwo(
            _ fleet: MarketplaceFleet, _ change: SettingsChange,
            _ body: @escaping @Sendable ([MarketplaceClient], _ store: String, _ product: String) async throws -> Void
        ) async throws {
            try await fleet.serve(change) { first in
                try await fleet.serve(change) { second in
                    let store = try await first.makeStore()
                    let product = try await first.makeProduct(in: store, sku: "MUG-1", quantity: 9)
                    for name in Self.replicas { try await fleet.caughtUp(name) }
                    for client in [first, second] {
                        try await eventually("its reads go to replicas") {
                            try await client.nodes("/v1/stores/\(store)") == Set(Self.replicas)
                        }
                    }
                    try await body([first, second], store, product)
                }
            }
        }

        @Test("whoever carries a token reads its own writes, on any server", arguments: [true, false])
        func ownWrites(isOn: Bool) async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            try await serveTwo(fleet, Self.change(isOn)) { clients, store, product in
                for name in Self.replicas { try await fleet.pauseReplay(of: name) }
                var missed = 0
                for round in 0..<10 {
                    let written = try await clients[round % 2].rename(product, in: store, to: "Mug \(round)")
                    let token = try #require(written.header("Consistency-Token"))
                    for client in clients {
                        let read = try await client.get(
                            "/v1/stores/\(store)/products/\(product)", ["Consistency-Token": token])
                        #expect(read.status == .ok && read.header("Consistency-Token") != nil)
                        if read.json["data"]["name"].string != "Mug \(round)" { missed += 1 }
                    }
                }
                #expect((missed == 0) == isOn, "\(missed) of 20 reads missed their own write")
                let without = try await clients[0].get("/v1/stores/\(store)/products/\(product)")
                #expect(without.json["data"]["name"].string == "Blue Mug", "who carries none takes what there is")
                #expect(without.header("Consistency-Token") == nil)
            }
        }

        @Test("whoever carries a token never goes back in time, on any server", arguments: [true, false])
        func neverBack(isOn: Bool) async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            try await serveTwo(fleet, Self.change(isOn)) { clients, store, product in
                try await fleet.pauseReplay(of: Self.replicas[1])
                var token = "1"
                var newest = 0
                var wentBack = 0
                for round in 0..<40 {
                    if round.isMultiple(of: 4) {
                        // Somebody else writes; the session that reads does not carry their token.
                        _ = try await clients[0].rename(product, in: store, to: "Mug \(round)")
                    }
                    let read = try await clients[round % 2].get(
                        "/v1/stores/\(store)/products/\(product)", ["Consistency-Token": token])
                    #expect(read.status == .ok)
                    token = try #require(read.header("Consistency-Token"))
                    let version = try #require(read.json["data"]["version"].int)
                    if version < newest { wentBack += 1 }
                    newest = max(newest, version)
                }
                #expect((wentBack == 0) == isOn, "went back \(wentBack) times")
            }
        }

        @Test("a replica serves a token once it has what it stands for; before that nobody does without the primary")
        func withoutPrimary() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            try await serveTwo(fleet, Self.change()) { clients, store, product in
                let path = "/v1/stores/\(store)/products/\(product)"
                for name in Self.replicas { try await fleet.pauseReplay(of: name) }
                let written = try await clients[0].rename(product, in: store, to: "Red Mug")
                let token = try #require(written.header("Consistency-Token"))
                try fleet.server("shard-0-primary").kill()
                try await eventually("the primary is given up") {
                    try await clients[1].get(path).header("Degraded")?.hasPrefix("read-only") == true
                }
                let refused = try await clients[1].get(path, ["Consistency-Token": token])
                #expect(refused.status == .serviceUnavailable && refused.code == "consistency_unavailable")
                #expect(refused.header("Retry-After") != nil)
                #expect(try await clients[1].get(path).json["data"]["name"].string == "Blue Mug")

                async let waiting = clients[1].get(path, ["Consistency-Token": token])
                try await fleet.resumeReplay(of: Self.replicas[0])
                let found = try await waiting
                #expect(found.status == .ok && found.json["data"]["name"].string == "Red Mug")
                #expect(found.nodes == [Self.replicas[0]])
                #expect(found.header("Degraded")?.hasPrefix("read-only; age=") == true)
            }
        }

        /// What a change left in the cache says what an answer should have; without a primary no replica has it.
        @Test("whoever does not insist on a change does not wait for it, and a session waits once")
        func withoutWaiting() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            let deadline = Duration.seconds(4)
            let change = SettingsChange {
                $0.features[.staleBound] = false
                $0.database.readDeadline = deadline
                $0.cache.tombstone = .seconds(60)
            }
            try await fleet.serve(change) { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 9)
                for name in Self.replicas {
                    try await fleet.caughtUp(name)
                    try await fleet.pauseReplay(of: name)
                }
                let written = try await client.rename(product, in: store, to: "Red Mug")
                let token = try #require(written.header("Consistency-Token"))
                try fleet.server("shard-0-primary").kill()
                try await eventually("the primary is given up") {
                    try await client.get("/v1/stores/\(store)").header("Degraded")?.hasPrefix("read-only") == true
                }
                let path = "/v1/stores/\(store)/products/\(product)"
                func asking(_ headers: [String: String]) async throws -> (TestResponse, Duration) {
                    let start = Environment.live.now()
                    return (try await client.get(path, headers), Environment.live.now() - start)
                }
                let (stranger, patience) = try await asking([:])
                #expect(stranger.json["data"]["name"].string == "Blue Mug" && patience < deadline / 2, "\(patience)")
                let (session, wait) = try await asking(["Consistency-Token": token])
                #expect(session.code == "consistency_unavailable" && wait < deadline * 1.5, "\(wait)")
            }
        }

        @Test("what no server gave out is refused, and a position that nobody has reached is unavailable")
        func strangeTokens() async throws {
            let fleet = try await MarketplaceFleet.shared()
            try await fleet.serve(Self.change()) { client in
                let store = try await client.makeStore()
                let malformed = try await client.get("/v1/stores/\(store)", ["Consistency-Token": "yesterday"])
                #expect(malformed.status == .badRequest && malformed.code == "invalid_parameter")
                for name in Self.replicas { try await fleet.caughtUp(name) }
                let ahead = try await client.get(
                    "/v1/stores/\(store)", ["Consistency-Token": "1;shard-0=1:FFFFFFFFFFFF"])
                #expect(ahead.code == "consistency_unavailable")
                let orders = try await client.get(
                    "/v1/stores/\(store)/orders", ["Consistency-Token": "1;shard-0=1:FFFFFFFFFFFF"])
                #expect(orders.code == "consistency_unavailable")
                #expect(try await client.get("/v1/stores/\(store)", ["Consistency-Token": "1"]).status == .ok)
            }
        }
    }
}
