import Foundation
import HummingbirdTesting
import Postgres
import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// The shard map in central and in every server's memory.
    @Suite("central", .timeLimit(.minutes(4)))
    struct CentralTests {
        @Test("versions of the map only follow one another, and none is ever changed")
        func appendOnly() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            #expect(try await fleet.central.ask("SELECT max(version)::text FROM shard_map") == "1")
            for sql in [
                "UPDATE shard_map SET reason = 'x' RETURNING reason", "DELETE FROM shard_map RETURNING reason",
                "INSERT INTO shard_map SELECT 3, jsonb_set(map, '{version}', '3'), 'x' FROM shard_map RETURNING reason",
                "INSERT INTO shard_map SELECT 2, map, 'x' FROM shard_map RETURNING reason",
            ] {
                await #expect(throws: PostgresError.self, "\(sql)") { try await fleet.central.ask(sql) }
            }
            // Many publish at once: every change is in the map, each under a version of its own.
            let stores = (1...8).map { StoreID(number: Int64($0)) }
            try await fleet.owning { owner in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for store in stores {
                        group.addTask {
                            _ = try await MapPublisher(owner: owner).publish(reason: "test") {
                                try $0.placing(store, on: "shard-1")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let map = try await owner.currentMap()
                #expect(map.version == 9 && stores.allSatisfy { map.placements[$0.routingKey.value] != nil })
            }
        }

        @Test("servers take a new map by themselves, and a token with a newer one at once")
        func refreshed() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            try await fleet.serve(SettingsChange { $0.database.mapPoll = .milliseconds(50) }) { client in
                #expect(client.marketplace.watch.router.origin == .central)
                try await fleet.owning { owner in
                    _ = try await MapPublisher(owner: owner).publish(reason: "test") {
                        try $0.placing(StoreID(number: 5), on: "shard-1")
                    }
                }
                try await eventually("the server has version 2") { client.marketplace.map.version == 2 }
                let ready = try await client.get("/health/ready").text
                #expect(ready.contains(#""shardMap":{"version":2,"from":"central"}"#), "\(ready)")
            }
            // One that looks once a minute has it as soon as a request asks for it.
            try await fleet.serve(SettingsChange { $0.database.mapPoll = .seconds(60) }) { client in
                try await fleet.owning { owner in
                    _ = try await MapPublisher(owner: owner).publish(reason: "test") {
                        try $0.placing(StoreID(number: 6), on: "shard-1")
                    }
                }
                #expect(client.marketplace.map.version == 2)
                await client.marketplace.watch.refresh(atLeast: 2, deadline: Environment.live.now() + .seconds(5))
                #expect(client.marketplace.map.version == 2, "a map as new as asked for is not looked for")
                await client.marketplace.watch.refresh(atLeast: 3, deadline: Environment.live.now() + .seconds(5))
                #expect(client.marketplace.map.version == 3)
            }
        }

        @Test("without central everything goes on; a server that starts then has the map from a shard, and says so")
        func away() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            let store = try await fleet.serve { client in
                let store = try await client.makeStore(on: 1)
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 5)
                try fleet.central.kill()
                try await eventually("central's breaker is open") {
                    client.counter(#"marketplace_breaker_state{dependency="central-primary"}"#) == 2
                }
                #expect(try await client.get("/v1/stores/\(store)").status == .ok)
                #expect(try await client.order(in: store, sku: "MUG-1", key: "one").status == .created)
                #expect(try await client.get("/health/ready").status == .ok)
                _ = try await client.makeStore(on: 0)
                return store
            }
            try await fleet.serve { client in
                let ready = try await client.get("/health/ready")
                #expect(ready.text.contains(#""from":"shard-"#), "\(ready.text)")
                #expect(try await client.order(in: store, sku: "MUG-1", key: "two").status == .created)
                try await fleet.central.start()
                try await fleet.owning { owner in
                    _ = try await MapPublisher(owner: owner).publish(reason: "test") {
                        try $0.placing(StoreID(number: 5), on: "shard-1")
                    }
                }
                try await eventually("central's map is in force again") {
                    client.marketplace.watch.router.origin == .central
                }
            }
        }

        @Test("a server that knows no map at all answers nothing, and says why")
        func unknown() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            for shard in fleet.shards {
                _ = try await shard.ask("UPDATE shard_map_copy SET version = 0, map = NULL RETURNING 'x'")
            }
            try fleet.central.kill()
            let marketplace = try Marketplace.build(settings: fleet.settings(), logSink: MarketplaceFleet.silence)
            try await marketplace.application().test(.router) { client in
                let client = MarketplaceClient(http: client, marketplace: marketplace)
                let refused = try await client.get("/v1/stores")
                #expect(refused.status == .serviceUnavailable && refused.code == "dependency_unavailable")
                let ready = try await client.get("/health/ready")
                #expect(ready.status == .serviceUnavailable && ready.text.contains("no shard map"), "\(ready.text)")
                try await fleet.central.start()
                try await eventually("it is ready by itself") { try await client.get("/health/ready").status == .ok }
            }
        }

        @Test("a shard is added: no store changes place until it is moved, and every one is found all the while")
        func added() async throws {
            let fleet = try await ShardFleet(shards: 3, used: 2)
            defer { fleet.stop() }
            try await fleet.serve { client in
                #expect(client.marketplace.map.shards.count == 2)
                var stores: [String] = []
                for _ in 0..<12 { stores.append(try await client.makeStore(on: stores.count % 2)) }
                let plan = try await fleet.owning { try await ShardAddition(owner: $0).plan("shard-2") }
                // More than were kept: one is drawn until it lies where it is wanted.
                #expect(plan.stores >= 12 && client.marketplace.map.version == 1)
                let done = try await fleet.owning { try await ShardAddition(owner: $0).add("shard-2") }
                #expect(done.moves.map(\.store) == plan.moves.map(\.store))
                // Stores are made meanwhile, by a server that may not have the new map yet.
                for _ in 0..<12 {
                    let made = try await client.request(.post, "/v1/stores", #"{"name":"New","currency":"EUR"}"#)
                    #expect(made.status == .created, "\(made.text)")
                    stores.append(try #require(made.json["data"]["id"].string))
                }
                #expect(client.marketplace.map.shards.count == 3)
                let left = try await fleet.owning { try await ShardAddition(owner: $0).left() }
                #expect(left.map(\.store) == plan.moves.map(\.store).sorted())
                for move in left { try await fleet.move(move.store.description, to: move.to) }
                #expect(try await fleet.owning { try await ShardAddition(owner: $0).left() }.isEmpty)
                let bare = try ShardMap(
                    strategy: client.marketplace.map.strategy, shards: client.marketplace.map.shards)
                for store in stores {
                    #expect(try await client.get("/v1/stores/\(store)").status == .ok)
                    let key = try #require(StoreID(store)).routingKey
                    #expect(try await fleet.rows(of: store, on: bare.shard(of: key), table: "stores") == 1)
                }
            }
        }

        @Test("a map with a shard that the settings do not know is not taken, and readiness says what to do")
        func unknownShard() async throws {
            let fleet = try await ShardFleet(shards: 3, used: 2)
            defer { fleet.stop() }
            let two = fleet.settings(used: 2)
            let marketplace = try Marketplace.build(settings: two, logSink: MarketplaceFleet.silence)
            try await marketplace.application().test(.router) { client in
                let client = MarketplaceClient(http: client, marketplace: marketplace)
                try await eventually("it is ready") { try await client.get("/health/ready").status == .ok }
                _ = try await fleet.owning { try await ShardAddition(owner: $0).add("shard-2") }
                try await eventually("it says so") {
                    try await client.get("/health/ready").text.contains("add them to MARKETPLACE_SHARDS")
                }
                #expect(marketplace.map.version == 1)
            }
        }
    }

    /// What crosses the shards: the list of stores, and the search.
    @Suite("cross-shard reads", .timeLimit(.minutes(3)))
    struct CrossShardTests {
        @Test("a search finds products of every shard, newest first, and pages lose nothing of a shard that was away")
        func search() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            try await fleet.serve { client in
                var made: [String] = []
                for index in 0..<6 {
                    let store = try await client.makeStore(on: index % 2)
                    made.append(try await client.makeProduct(in: store, sku: "MUG-1", quantity: 1))
                }
                let first = try await client.get("/v1/search?q=blue+mu&limit=100").json
                #expect(first["data"].array.compactMap { $0["id"].string } == made.reversed())
                #expect(try await client.get("/v1/search?q=teapot").json["data"].array.isEmpty)
                #expect(try await client.get("/v1/search").code == "invalid_parameter")
                #expect(try await client.get("/v1/search?q=mug&cursor=c1").code == "invalid_parameter")

                let page = try await client.get("/v1/search?q=mug&limit=2")
                #expect(page.text.contains(#""partial":false"#))
                var found = page.json["data"].array.compactMap { $0["id"].string }
                try fleet.shards[1].kill()
                var cursor = try #require(page.json["meta"]["nextCursor"].string)
                try await eventually("the answer is partial") {
                    let page = try await client.get("/v1/search?q=mug&limit=100&cursor=\(cursor)")
                    guard page.text.contains(#""partial":true,"missingShards":["shard-1"]"#) else { return false }
                    found += page.json["data"].array.compactMap { $0["id"].string }
                    cursor = try #require(page.json["meta"]["nextCursor"].string)
                    return true
                }
                try await fleet.shards[1].start()
                try await eventually("the rest comes") {
                    let page = try await client.get("/v1/search?q=mug&limit=100&cursor=\(cursor)")
                    guard page.text.contains(#""partial":false"#) else { return false }
                    found += page.json["data"].array.compactMap { $0["id"].string }
                    return page.json["meta"]["nextCursor"].string == nil
                }
                #expect(found.count == 6 && Set(found) == Set(made), "\(found)")
            }
        }
    }
}
