import Testing

@testable import Marketplace

@Suite("shard map")
struct ShardMapTests {
    private static let strategies: [ShardMap.Strategy] = [
        .modulo, .ring(virtualNodes: 64),
        .ranges([ShardRange(from: 0, shard: "shard-0"), ShardRange(from: 1 << 63, shard: "shard-1")]),
    ]

    @Test("every strategy survives JSON, and prints what it is", arguments: strategies)
    func json(strategy: ShardMap.Strategy) throws {
        let store = StoreID(number: 77)
        let arrival = try #require(ShardPosition("2:16B374D848"))
        let map = try ShardMap(version: 3, strategy: strategy, shards: ["shard-0", "shard-1"])
            .placing(store, on: "shard-1", position: arrival)
        let again = try ShardMap(json: map.json)
        #expect(again == map && again.version == 4)
        #expect(again.placements[store.routingKey.value]?.position == arrival)
        #expect(again.json == map.json)
        #expect(again.shard(of: store.routingKey) == 1)
        #expect("\(map)".hasPrefix("version 4, ") && "\(map)".hasSuffix("shard-0, shard-1; 1 stores placed by name"))
    }

    @Test("ranges answer at their edges")
    func edges() throws {
        let map = try ShardMap(
            strategy: .ranges([
                ShardRange(from: 0, shard: "b"), ShardRange(from: 10, shard: "a"), ShardRange(from: .max, shard: "b"),
            ]), shards: ["a", "b"])
        let table = try #require(map.segments)
        #expect([0, 9, 10, 1 << 60, .max - 1, .max].map { table.owner(of: $0) } == [1, 1, 0, 0, 0, 1])
    }

    @Test("what cannot be is refused by its own error, which says where")
    func refusals() {
        func refused(_ expected: ShardMapError, _ body: () throws(ShardMapError) -> ShardMap) {
            #expect(throws: expected) { try body() }
            #expect(expected.description.contains(" "))
        }
        refused(.noShards) { () throws(ShardMapError) in try ShardMap(shards: []) }
        refused(.version(0)) { () throws(ShardMapError) in try ShardMap(version: 0, shards: ["a"]) }
        refused(.shardNamedTwice("a", first: 0, second: 2)) { () throws(ShardMapError) in
            try ShardMap(shards: ["a", "b", "a"])
        }
        refused(.shardName("A~", index: 1)) { () throws(ShardMapError) in try ShardMap(shards: ["a", "A~"]) }
        refused(.virtualNodes(0)) { () throws(ShardMapError) in
            try ShardMap(strategy: .ring(virtualNodes: 0), shards: ["a"])
        }
        refused(.rangesBeginLate(at: 1)) { () throws(ShardMapError) in
            try ShardMap(strategy: .ranges([ShardRange(from: 1, shard: "a")]), shards: ["a"])
        }
        refused(.rangesUnordered(index: 1)) { () throws(ShardMapError) in
            try ShardMap(
                strategy: .ranges([ShardRange(from: 0, shard: "a"), ShardRange(from: 0, shard: "a")]), shards: ["a"])
        }
        refused(.rangeOfUnknownShard("c", index: 0)) { () throws(ShardMapError) in
            try ShardMap(strategy: .ranges([ShardRange(from: 0, shard: "c")]), shards: ["a"])
        }
        refused(.tooManyRanges(0)) { () throws(ShardMapError) in try ShardMap(strategy: .ranges([]), shards: ["a"]) }
        refused(.placementOnUnknownShard("c", store: StoreID(number: 5))) { () throws(ShardMapError) in
            try ShardMap(shards: ["a"], placements: [5: .init(shard: "c", since: 1)])
        }
        refused(.placementFromLater(2, store: StoreID(number: 5))) { () throws(ShardMapError) in
            try ShardMap(shards: ["a"], placements: [5: .init(shard: "a", since: 2)])
        }
        refused(.shardKnown("a")) { () throws(ShardMapError) in
            try ShardMap(shards: ["a"]).adding("a", stores: []).map
        }
        refused(.shardUnknown("z")) { () throws(ShardMapError) in
            try ShardMap(shards: ["a"]).placing(StoreID(number: 5), on: "z")
        }
    }

    @Test(
        "text that is no map is refused with a sentence",
        arguments: [
            "", "[]", #"{"version":1}"#, #"{"version":1,"strategy":"dice","shards":["a"]}"#,
            #"{"version":1,"strategy":"ranges","ranges":[{"from":"zz","shard":"a"}],"shards":["a"]}"#,
            #"{"version":1,"strategy":"modulo","shards":["a"],"placements":{"x":{"shard":"a","since":1}}}"#,
            #"{"version":1,"strategy":"modulo","shards":["a"],"placements":{"st_0000000000005":{"shard":"a","since":1,"position":"?"}}}"#,
        ])
    func unreadable(text: String) {
        #expect(throws: ShardMapError.self) { try ShardMap(json: text) }
    }

    @Test("stores placed by name are bounded: those where the strategy would have them make room, then it is enough")
    func bound() throws {
        var placements: [UInt64: ShardMap.Placement] = [:]
        for key in 1...UInt64(ShardMap.maximumPlacements) { placements[key] = .init(shard: "a", since: 1) }
        let full = try ShardMap(shards: ["a"], placements: placements)
        let next = try full.placing(StoreID(number: 1 << 40), on: "a")
        #expect(next.placements.count == ShardMap.maximumPlacements)
        #expect(next.placements[1 << 40] != nil)
        placements[1 << 41] = .init(shard: "a", since: 1)
        #expect(throws: ShardMapError.tooManyPlacements(ShardMap.maximumPlacements + 1)) {
            try ShardMap(shards: ["a"], placements: placements)
        }
    }

    @Test("a shard that is added gets nothing until its stores are moved, one by one")
    func adding() throws {
        var random = SeededRandom(seed: 9)
        let stores = (0..<2000).map { _ in StoreID(number: random.idNumber()) }
        let old = try ShardMap(strategy: .ring(virtualNodes: 512), shards: ["shard-0", "shard-1"])
        let (added, moves) = try old.adding("shard-2", stores: stores)
        #expect(added.version == 2 && added.shards.count == 3)
        for store in stores { #expect(added.shard(of: store.routingKey) == old.shard(of: store.routingKey)) }
        #expect(moves.allSatisfy { $0.to == "shard-2" })
        var map = added
        for move in moves.prefix(5) { map = try map.placing(move.store, on: move.to) }
        #expect(map.version == 7)
        #expect(moves.prefix(5).allSatisfy { map.shard(of: $0.store.routingKey) == 2 })
        // Those that moved follow the strategy again, also to a fourth shard.
        let fourth = try map.adding("shard-3", stores: stores)
        let bare = try ShardMap(strategy: map.strategy, shards: fourth.map.shards)
        let moved = Set(moves.prefix(5).map(\.store))
        for move in fourth.moves where moved.contains(move.store) {
            #expect(bare.shards[bare.shard(of: move.store.routingKey)] == move.to)
        }
    }

    @Test("a map of settings: ring unless said otherwise, ranges alike, the first shard alone without sharding")
    func settings() async throws {
        let nodes = "a@h:1;b@h:2;c@h:3"
        let usual = try await Settings(environment: ["MARKETPLACE_SHARDS": nodes])
        #expect(try ShardMap(settings: usual).strategy == .ring(virtualNodes: 512))
        let ranges = try await Settings(environment: ["MARKETPLACE_SHARDS": nodes, "SHARD_STRATEGY": "ranges"])
        let shares = try #require(try ShardMap(settings: ranges).segments).shares(owners: 3)
        #expect(shares.allSatisfy { abs($0 - 1 / 3) < 0.001 })
        let alone = try await Settings(environment: ["MARKETPLACE_SHARDS": nodes, "FEATURE_SHARDING": "false"])
        #expect(try ShardMap(settings: alone).shards == ["shard-0"])
        #expect(throws: SettingsError.self) { try ShardMap(settings: Settings()) }
        await #expect(throws: SettingsError.self) { try await Settings(environment: ["SHARD_STRATEGY": "dice"]) }
    }
}
