import Generators
import Synchronization
import Testing

@testable import Redis

@Suite("Redis under ten thousand callers")
struct RedisStormTests {
    @Test("random cancellations and short deadlines, and not one mixed-up reply", arguments: [2, 4])
    func storm(connections: Int) async throws {
        var settings = RedisSettings.patient
        settings.connections = connections
        try await withRedis(settings: settings) { redis, _ in
            let tally = Tally()
            await withTaskGroup { group in
                for caller in 0..<10_000 {
                    var dice = SplitMix64(seed: UInt64(caller))
                    let isHasty = dice.next().isMultiple(of: 4)
                    let isCancelled = dice.next().isMultiple(of: 3)
                    let patience = Duration.microseconds(Int(dice.next() % 20_000))
                    group.addTask {
                        let call = Task {
                            do throws(RedisError) {
                                for round in 0..<3 {
                                    let word = "\(caller).\(round)"
                                    let reply = try await redis.send(
                                        RedisCommand("ECHO", .text(word)), deadline: isHasty ? .now + patience : soon)
                                    tally.answered.add(1, ordering: .relaxed)
                                    if reply.string != word { tally.mixedUp.add(1, ordering: .relaxed) }
                                }
                            } catch {
                                switch error.reason {
                                case .cancelled, .deadlineExceeded: tally.gaveUp.add(1, ordering: .relaxed)
                                default: tally.unexpected.withLock { $0.append(error) }
                                }
                            }
                        }
                        if isCancelled {
                            for _ in 0..<(caller % 7) { await Task.yield() }
                            call.cancel()
                        }
                        await call.value
                    }
                }
            }
            #expect(tally.mixedUp.load(ordering: .relaxed) == 0)
            #expect(tally.answered.load(ordering: .relaxed) > 10_000)
            #expect(tally.gaveUp.load(ordering: .relaxed) > 500)
            #expect(tally.unexpected.withLock { $0 }.isEmpty)
            try await eventually("every place is empty again") { redis.pendingCommands == 0 }
            try await redis.ping(deadline: soon)
        }
    }
}

/// What became of the storm's calls.
private final class Tally: Sendable {
    let answered = Atomic<Int>(0)
    let mixedUp = Atomic<Int>(0)
    let gaveUp = Atomic<Int>(0)
    let unexpected = Mutex<[RedisError]>([])
}
