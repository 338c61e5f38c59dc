import ArgumentParser
import Marketplace

/// How long a shard map takes to say where a store lives: constant, whatever the number of shards.
struct RouterBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "router", abstract: "Look-ups of stores in shard maps of every strategy and size.")

    @Option(help: "Look-ups of each map.")
    var lookups = 5_000_000
    @Option(help: "The slowest map may take this many times as long as the one of two shards.")
    var maximumRatio = 6.0

    func run() async throws {
        var slowest = 0.0
        for (name, strategy) in try Self.strategies() {
            var base = 0.0
            for shards in [2, 16, 256] {
                let map = try ShardMap(strategy: strategy(shards), shards: (0..<shards).map { "shard-\($0)" })
                let moved = try ShardMap(
                    version: 2, strategy: strategy(shards), shards: map.shards,
                    placements: Dictionary(
                        uniqueKeysWithValues: (1...UInt64(ShardMap.maximumPlacements)).map {
                            ($0, ShardMap.Placement(shard: "shard-0", since: 1))
                        }))
                let (plain, placed) = (nanoseconds(map), nanoseconds(moved))
                if base == 0 { base = plain }
                slowest = max(slowest, plain / base)
                print(
                    "\(name), \(shards) shards: \(plain.shown) ns a look-up, \(placed.shown) ns with 10000 placed stores"
                )
            }
        }
        print("slowest against two shards: \(slowest.shown) (at most \(maximumRatio))")
        if slowest > maximumRatio { throw ExitCode(1) }
    }

    private static func strategies() throws -> [(String, (Int) -> ShardMap.Strategy)] {
        [
            ("modulo", { _ in .modulo }),
            ("ring", { _ in .ring(virtualNodes: ShardMap.defaultVirtualNodes) }),
            (
                "ranges",
                { shards in
                    .ranges(
                        (0..<UInt64(shards)).map {
                            ShardRange(from: UInt64.max / UInt64(shards) * $0, shard: "shard-\($0)")
                        })
                }
            ),
        ]
    }

    /// The best of five runs, since nothing makes a look-up faster than it is.
    private func nanoseconds(_ map: ShardMap) -> Double {
        let clock = ContinuousClock()
        var best = Double.infinity
        for _ in 0..<5 {
            var sum = 0
            let time = clock.measure {
                for number in 0..<UInt64(lookups) { sum &+= map.shard(of: RoutingKey(number &* 0x9E37_79B9_7F4A_7C15)) }
            }
            precondition(sum >= 0, "kept, so that the loop is not optimised away")
            best = min(best, time / .nanoseconds(1) / Double(lookups))
        }
        return best
    }
}

extension Double {
    fileprivate var shown: Double { (self * 10).rounded() / 10 }
}
