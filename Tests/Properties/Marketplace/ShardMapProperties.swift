import Generators
import Testing

@testable import Marketplace

@Suite("The shard map, whatever its shards are called")
struct ShardMapProperties {
    private static func names(_ count: Int, seed: Int) -> [String] { (0..<count).map { "shard-\(seed)-\($0)" } }

    @Test("a shard more on the ring moves at most 1.3/n of the stores, all of them to it")
    func consistent() async throws {
        let cases = zip(Generator<Int>.int(in: 1...12), Generator<Int>.int(in: 0...1_000_000))
        try await check(cases, count: 150) { shards, seed in
            let names = Self.names(shards + 1, seed: seed)
            let strategy = ShardMap.Strategy.ring(virtualNodes: ShardMap.defaultVirtualNodes)
            let before = try ShardMap(strategy: strategy, shards: Array(names.dropLast()))
            let after = try ShardMap(strategy: strategy, shards: names)
            let stores = 4000
            var moved = 0
            for number in 0..<stores {
                let key = RoutingKey(UInt64(seed) << 20 | UInt64(number))
                let (old, new) = (before.shard(of: key), after.shard(of: key))
                guard old != new else { continue }
                try ensure(new == shards, "a store went from \(names[old]) to \(names[new]), which was there before")
                moved += 1
            }
            let share = after.segments?.shares(owners: shards + 1)[shards] ?? 0
            try ensure(share <= 1.3 / Double(shards + 1), "the new shard takes \(share) of all keys")
            // The sample's own scatter on top: three times its standard deviation.
            let p = 1.3 / Double(shards + 1)
            let limit = p * Double(stores) + 3 * (p * Double(stores)).squareRoot()
            try ensure(Double(moved) <= limit, "\(moved) of \(stores) stores moved to the \(shards + 1)th shard")
        }
    }

    @Test("a table answers what a search of all segments answers, in a bounded number of steps")
    func table() async throws {
        let bounds = Generator.array(of: Generator<UInt64>.int(in: 0...(.max)), count: 0...40)
        try await check(zip(bounds, bounds), count: 300) { starts, numbers in
            let segments = ([0] + Set(starts).subtracting([0]).sorted()).enumerated().map { index, from in
                SegmentTable.Segment(from: from, owner: index)
            }
            let table = SegmentTable(segments)
            for number in numbers + starts + starts.map({ $0 &- 1 }) {
                let expected = segments.last { $0.from <= number }?.owner
                try ensure(table.owner(of: number) == expected, "\(number) has the wrong owner")
            }
        }
    }

    @Test("the ring's table needs few steps for the slowest key, with any number of shards")
    func steps() async throws {
        try await check(zip(Generator<Int>.int(in: 1...64), Generator<Int>.int(in: 0...100_000)), count: 60) {
            shards, seed in
            let map = try ShardMap(strategy: .ring(virtualNodes: 512), shards: Self.names(shards, seed: seed))
            let steps = map.segments?.maximumSteps ?? 0
            try ensure(steps <= 10, "\(steps) steps over \(map.segments?.segmentCount ?? 0) segments")
        }
    }

    @Test("the order of the shards decides nothing on the ring, and every shard has a fair share")
    func fairness() async throws {
        try await check(zip(Generator<Int>.int(in: 2...16), Generator<Int>.int(in: 0...100_000)), count: 100) {
            shards, seed in
            let names = Self.names(shards, seed: seed)
            let strategy = ShardMap.Strategy.ring(virtualNodes: 512)
            let map = try ShardMap(strategy: strategy, shards: names)
            let turned = try ShardMap(strategy: strategy, shards: names.reversed())
            for number in 0..<500 {
                let key = RoutingKey(UInt64(number))
                try ensure(
                    map.shards[map.shard(of: key)] == turned.shards[turned.shard(of: key)],
                    "key \(number) depends on the order of the shards")
            }
            for share in map.segments?.shares(owners: shards) ?? [] {
                try ensure(abs(share * Double(shards) - 1) < 0.3, "a shard has \(share) instead of 1/\(shards)")
            }
        }
    }
}
