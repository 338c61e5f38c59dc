import Logging
import NIOPosix
import Synchronization
import Testing

@testable import Redis

@Suite("Changes told by a real Redis", .timeLimit(.minutes(2)))
struct InvalidationChannelTests {
    /// What a channel told.
    final class Told: Sendable {
        private let events = Mutex<[InvalidationEvent]>([])

        func add(_ event: InvalidationEvent) { events.withLock { $0.append(event) } }
        var all: [InvalidationEvent] { events.withLock { $0 } }
        var keys: [String] {
            all.flatMap { event -> [String] in
                if case .changed(let keys) = event { keys } else { [] }
            }
        }
        var losses: Int { all.count { if case .lost = $0 { true } else { false } } }
        var lastComplete: ContinuousClock.Instant? {
            all.last { if case .complete = $0 { true } else { false } }.flatMap {
                if case .complete(let until) = $0 { until } else { nil }
            }
        }
    }

    private func withChannel(
        _ server: RedisTestServer, _ body: (Told) async throws -> Void
    ) async throws {
        let told = Told()
        var settings = InvalidationSettings(prefixes: ["v:"])
        settings.pingInterval = .milliseconds(10)
        let channel = InvalidationChannel(
            server.endpoint, settings: settings, group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { told.add($0) }
        channel.start()
        try await eventually("it listens") { told.lastComplete != nil }
        let result = await Swift.Result { try await body(told) }
        await channel.shutdown()
        try result.get()
    }

    @Test("whoever changes a key, and however, it is told; other keys are not")
    func changes() async throws {
        try await withRedis { redis, server in
            try await withChannel(server) { told in
                try await redis.set("e:other", to: "1", deadline: soon)
                try await redis.set("v:set", to: "1", deadline: soon)
                try await redis.set("v:short", to: "1", lifetime: .milliseconds(20), deadline: soon)
                try await redis.delete("v:set", deadline: soon)
                let script = RedisScript("return redis.call('HSET', KEYS[1], 'n', 1)")
                _ = try await redis.run(script, keys: ["v:hash"], deadline: soon)
                try await eventually("all are told") { told.keys.contains("v:hash") }
                try await eventually("the end of a lifetime is told") { told.keys.count { $0 == "v:short" } == 2 }
                #expect(told.keys.count { $0 == "v:set" } == 2 && !told.keys.contains("e:other"))
                try await redis.flushDatabase(deadline: soon)
                try await eventually("the flush is told") { told.all.contains(.flushed) }
            }
        }
    }

    @Test("what is complete has been told: no change that was acknowledged before comes later")
    func complete() async throws {
        try await withRedis { redis, server in
            try await withChannel(server) { told in
                for number in 0..<200 {
                    try await redis.set("v:\(number)", to: "1", deadline: soon)
                    let acknowledged = ContinuousClock.now
                    try await eventually("a later ping is answered") {
                        told.lastComplete.map { $0 >= acknowledged } ?? false
                    }
                    #expect(told.keys.contains("v:\(number)"))
                }
            }
        }
    }

    @Test("a killed server is a lost channel, which opens again by itself")
    func killed() async throws {
        let server = try await RedisTestServer.start()
        defer { server.stop() }
        try await withChannel(server) { told in
            server.kill()
            try await eventually("the loss is told") { told.losses == 1 }
            try await server.launch()
            try await eventually("it listens again") { told.all.count { $0 == .listening } == 2 }
            try await withRedisClient(server.endpoint) { redis in
                try await redis.set("v:again", to: "1", deadline: soon)
                try await eventually("a change is told") { told.keys.contains("v:again") }
            }
        }
    }

    @Test("while a server is paused nothing is complete, and then the channel is lost")
    func paused() async throws {
        let server = try await RedisTestServer.start()
        defer { server.stop() }
        try await withChannel(server) { told in
            server.pause()
            let paused = ContinuousClock.now
            try await eventually("the loss is told") { told.losses >= 1 }
            #expect(told.lastComplete.map { $0 <= paused } ?? false)
            server.resume()
            try await eventually("it listens again") { told.lastComplete.map { $0 > paused } ?? false }
        }
    }
}
