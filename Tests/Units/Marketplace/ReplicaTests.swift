import Foundation
import HummingbirdTesting
import Logging
import Postgres
import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// What replicas may answer: by age, by session, and never a write.
    @Suite("replicas", .timeLimit(.minutes(5)))
    struct ReplicaTests {
        static let replicas = ["shard-0-replica-0", "shard-0-replica-1"]
        /// Every read asks a node: nothing is kept, in Redis or in memory, and no two share a load.
        static let withoutCache = SettingsChange {
            for feature in [Features.Feature.redisCache, .memoryCache, .stampedeGuard] { $0.features[feature] = false }
        }
        /// Ages are known soon, and a bound is met soon.
        static let shortBound = SettingsChange {
            ReplicaTests.withoutCache.apply(&$0)
            $0.replicas.staleBound = .seconds(1)
        }

        @Test("a write that was declared a read is refused by every node, by the primary as well")
        func writesDeclaredAsReads() async throws {
            let fleet = try await MarketplaceFleet.shared()
            try await fleet.serve { client in
                let store = try #require(StoreID(try await client.makeStore()))
                let change: Query = "UPDATE stores SET name = 'broken' WHERE id = \(store.number) RETURNING name"
                for usesReplicas in [true, false] {
                    let database = client.database { $0.features[.readReplicas] = usesReplicas }
                    for kind in [RoutedDatabase.ReadKind.point, .list, .tenant(store)] {
                        for isSession in [true, false] {
                            let trace = RequestTrace()
                            if isSession { trace.begin(ConsistencyToken(), mapVersion: 1) }
                            let error = await #expect(throws: PostgresError.self) {
                                _ = try await database.read(store.routingKey, kind, trace: trace, change)
                            }
                            #expect(error?.sqlState == .readOnlyTransaction)
                        }
                        let error = await #expect(throws: PostgresError.self) {
                            _ = try await database.readPrimary(
                                store.routingKey, kind, trace: RequestTrace(), change)
                        }
                        #expect(error?.sqlState == .readOnlyTransaction)
                    }
                }
            }
        }

        @Test("the whole API at work sends no write to a replica")
        func noWriteReachesAReplica() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            try await fleet.serve { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 9)
                let path = "/v1/stores/\(store)/products/\(product)"
                let order = try await client.order(in: store, sku: "MUG-1", key: "one")
                let id = try #require(order.json["data"]["id"].string)
                for name in Self.replicas { try await fleet.caughtUp(name) }
                for _ in 0..<4 {
                    for read in ["/v1/stores", "/v1/stores/\(store)", "/v1/stores/\(store)/products", path] {
                        #expect(try await client.get(read).status == .ok)
                    }
                    #expect(try await client.get("/v1/stores/\(store)/orders/\(id)").status == .ok)
                    #expect(try await client.orders(in: store).count == 1)
                    #expect(try await client.stock(in: store, sku: "MUG-1") == 8)
                }
                #expect(try await client.rename(product, in: store, to: "Red Mug").status == .ok)
                let cancelled = try await client.request(.post, "/v1/stores/\(store)/orders/\(id)/cancel", nil)
                #expect(cancelled.status == .ok)
                #expect(try await client.request(.delete, path, nil, ["If-Match": "*"]).status == .noContent)
                for replica in Self.replicas {
                    #expect(client.counter(#"marketplace_writes_total{node="\#(replica)"}"#) == 0)
                    #expect(client.counter(#"marketplace_reads_total{node="\#(replica)"}"#) > 0)
                }
            }
            for name in Self.replicas {
                let log = try String(contentsOfFile: fleet.server(name).directory + "/log", encoding: .utf8)
                #expect(!log.contains("read-only transaction"), "a write reached \(name)")
            }
        }

        @Test("a replica older than the bound leaves rotation and returns; without the feature it serves old data")
        func staleBound() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            let stale = "shard-0-replica-0"
            let withoutBound = SettingsChange {
                Self.shortBound.apply(&$0)
                $0.features[.staleBound] = false
            }
            try await fleet.serve(Self.shortBound) { client in
                try await fleet.serve(withoutBound) { unbound in
                    let store = try await client.makeStore()
                    let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 9)
                    let path = "/v1/stores/\(store)/products/\(product)"
                    for name in Self.replicas { try await fleet.caughtUp(name) }
                    try await eventually("it is in rotation") { try await client.nodes(path).contains(stale) }

                    try await fleet.pauseReplay(of: stale)
                    #expect(try await client.rename(product, in: store, to: "Red Mug").status == .ok)
                    // Before it is past the bound, a late ping may take it out for a moment only.
                    try await eventually("readiness and the metric show it") {
                        let lag = try await client.get("/health/ready").text
                        let gauge = client.gauge(#"marketplace_replica_age_seconds{node="\#(stale)"}"#)
                        return gauge > 1 && lag.contains(#""\#(stale)":"#)
                    }
                    try await eventually("it has left") { try await !client.nodes(path).contains(stale) }
                    let answers = try await atOnce(40) { _ in try await client.get(path) }
                    #expect(answers.allSatisfy { $0.json["data"]["name"].string == "Red Mug" })
                    let old = try await atOnce(40) { _ in try await unbound.get(path) }
                    #expect(old.contains { $0.json["data"]["name"].string == "Blue Mug" })

                    try await fleet.resumeReplay(of: stale)
                    try await eventually("it is back") { try await client.nodes(path).contains(stale) }
                }
            }
        }

        @Test("reads choose by the strategy that is set", arguments: ReplicaSet.Selection.allCases)
        func selection(selection: ReplicaSet.Selection) async throws {
            let fleet = try await MarketplaceFleet.shared()
            let change = SettingsChange {
                Self.withoutCache.apply(&$0)
                $0.replicas.selection = selection
            }
            try await fleet.serve(change) { client in
                let store = try await client.makeStore()
                for name in Self.replicas { try await fleet.caughtUp(name) }
                try await eventually("both replicas serve") {
                    try await client.nodes("/v1/stores/\(store)", count: 32) == Set(Self.replicas)
                }
            }
        }

        @Test("a read that hangs is answered by a second node before its time is over", arguments: [true, false])
        func hedging(isOn: Bool) async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            let limit = Duration.seconds(5)
            let change = SettingsChange {
                Self.withoutCache.apply(&$0)
                $0.features[.hedgedReads] = isOn
                $0.database.attemptLimit = limit
                $0.database.readDeadline = .seconds(60)
                $0.resilience.monitor = .init(interval: .milliseconds(50), timeout: .seconds(30))
            }
            try await fleet.serve(change) { client in
                let store = try await client.makeStore()
                for name in Self.replicas { try await fleet.caughtUp(name) }
                try await eventually("both replicas serve") {
                    try await client.nodes("/v1/stores/\(store)", count: 8) == Set(Self.replicas)
                }
                for _ in 0..<100 { #expect(try await client.get("/v1/stores/\(store)").status == .ok) }
                try fleet.server("shard-0-replica-0").pause()
                let start = Environment.live.now()
                let answers = try await atOnce(4) { _ in try await client.get("/v1/stores/\(store)") }
                let duration = Environment.live.now() - start
                try fleet.server("shard-0-replica-0").resume()
                #expect(answers.allSatisfy { $0.status == .ok && $0.nodes != ["shard-0-replica-0"] })
                #expect((duration < limit) == isOn, "\(duration)")
                let won = client.counter(#"marketplace_hedged_reads_total{result="won"}"#)
                #expect((won > 0) == isOn)
                let sent = client.counter(#"marketplace_hedged_reads_total{result="sent"}"#)
                let reads = client.counter("marketplace_requests_total")
                #expect(Double(sent) <= HedgeState.savedUp + HedgeState.share * Double(reads))
            }
        }

        @Test("no read is lost with a replica that is killed under them")
        func killedReplica() async throws {
            let fleet = try await MarketplaceFleet()
            defer { fleet.stop() }
            try await fleet.serve(Self.withoutCache) { client in
                let store = try await client.makeStore()
                for name in Self.replicas { try await fleet.caughtUp(name) }
                try await eventually("both replicas serve") {
                    try await client.nodes("/v1/stores/\(store)", count: 8) == Set(Self.replicas)
                }
                async let failed = atOnce(8) { number in
                    if number == 0 { try fleet.server("shard-0-replica-0").kill() }
                    var failed = 0
                    for _ in 0..<100 where try await client.get("/v1/stores/\(store)").status != .ok { failed += 1 }
                    return failed
                }
                #expect(try await failed.reduce(0, +) == 0)
                #expect(try await client.nodes("/v1/stores/\(store)") == ["shard-0-replica-1"])
            }
        }
    }
}

extension MarketplaceClient {
    /// The server's database, with other settings.
    func database(_ change: (inout Settings) -> Void) -> RoutedDatabase {
        var settings = marketplace.settings
        change(&settings)
        return RoutedDatabase(
            router: ShardRouter(map: marketplace.map, shards: marketplace.shards), settings: settings,
            environment: .live, metrics: marketplace.metrics)
    }

    /// Every node that answered one of a few reads.
    func nodes(_ path: String, count: Int = 6) async throws -> Set<String> {
        var nodes: Set<String> = []
        for _ in 0..<count { nodes.formUnion(try await get(path).nodes) }
        return nodes
    }

    func rename(
        _ product: String, in store: String, to name: String, _ headers: [String: String] = [:]
    ) async throws -> TestResponse {
        try await request(
            .put, "/v1/stores/\(store)/products/\(product)", #"{"name":"\#(name)","category":"kitchen"}"#,
            headers.merging(["If-Match": "*"]) { own, _ in own })
    }

    /// What a gauge stands at.
    func gauge(_ line: String) -> Double {
        let text = marketplace.metrics.registry.prometheusText()
        let found = text.split(separator: "\n").first { $0.hasPrefix(line + " ") }
        return found.flatMap { Double($0.split(separator: " ").last ?? "") } ?? 0
    }
}
