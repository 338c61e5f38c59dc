import ArgumentParser
import Marketplace
import NIOCore

/// Look-ups in the memory layer by its number of locks, and what is left of what is wanted after scans.
struct MemoryBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory", abstract: "The memory layer: look-ups by number of locks, hits under scans.")

    @Option(help: "Tasks that look up at once.")
    var tasks = 8
    @Option(help: "Look-ups of each task.")
    var lookups = 500_000
    @Option(help: "The least share of hits of wanted keys under scans that passes; the exit status is 1 below it.")
    var minimumHits = 0.9

    private static let products = 10_000
    private static let bodyBytes = 600

    func run() async throws {
        let keys = (0..<Self.products).map { CacheKey("v:product:pr_0000000000000\($0)") }
        for locks in [1, 4, 16, 64] {
            // The best of three: nothing makes a look-up faster than it is.
            var best = Double.infinity
            for _ in 0..<3 { best = min(best, await nanoseconds(keys, locks)) }
            print("\(locks) locks, \(tasks) tasks: \(Int(best)) ns a look-up, one in 100 brings an answer")
        }
        let share = hits()
        print("wanted keys found while three times as many cold ones pass: \(Int(share * 100)) %")
        if share < minimumHits { throw ExitCode(1) }
    }

    /// Time on the clock for one look-up, over all tasks together.
    private func nanoseconds(_ keys: [CacheKey], _ locks: Int) async -> Double {
        let memory = MemoryCache(bytes: 64 << 20, locks: locks)
        let clock = ContinuousClock()
        let now = clock.now
        for key in keys { Self.bring(key, to: memory, now) }
        let time = await clock.measure {
            await withTaskGroup(of: Int.self) { group in
                for task in 0..<tasks {
                    group.addTask {
                        var found = 0
                        var random = SeededRandom(seed: UInt64(task))
                        for count in 0..<lookups {
                            // The square of a uniform number: a few keys are asked for most of the time.
                            let part = Double(random.next() >> 11) * 0x1p-53
                            let key = keys[Int(part * part * Double(keys.count))]
                            if memory.look(key, in: key, now: now).found != nil { found += 1 }
                            if count % 100 == 0 { Self.bring(key, to: memory, now) }
                        }
                        return found
                    }
                }
                _ = await group.reduce(0, +)
            }
        }
        return time / .nanoseconds(1) / Double(tasks * lookups)
    }

    /// A catalogue of which a tenth is wanted all the time, while somebody reads all of it, once and again.
    private func hits() -> Double {
        let memory = MemoryCache(bytes: 4 << 20)
        let now = ContinuousClock().now
        let wanted = (0..<1500).map { CacheKey("v:product:wanted-\($0)") }
        var (asked, found) = (0, 0)
        for round in 0..<20 {
            for (place, key) in wanted.enumerated() {
                let isFound = memory.look(key, in: key, now: now).found != nil
                if !isFound { Self.bring(key, to: memory, now) }
                // The first rounds show which ones are wanted.
                if round >= 5 {
                    asked += 1
                    found += isFound ? 1 : 0
                }
                for cold in 0..<3 {
                    Self.bring(CacheKey("v:product:cold-\(round)-\(place)-\(cold)"), to: memory, now)
                }
            }
        }
        return Double(found) / Double(asked)
    }

    private static func bring(_ key: CacheKey, to memory: MemoryCache, _ now: ContinuousClock.Instant) {
        let ticket = memory.look(key, in: key, now: now).ticket
        let entry = CacheEntry(tag: "1", body: ByteBuffer(repeating: 0x20, count: bodyBytes))
        memory.keep(
            MemoryEntry(entry, now: now, freshFor: .seconds(60), staleFor: .seconds(60)), for: key, in: key,
            ticket: ticket, isVouched: true)
    }
}
