import Testing

@testable import Redis

@Suite("Redis, killed and paused")
struct RedisFailureTests {
    /// Keeps the server busy, so that a command can be caught in the middle.
    private static let endless = RedisScript("redis.log(redis.LOG_WARNING, 'caught in the middle') while true do end")

    @Test("killed in mid-command: unknown for what was sent, not sent for what was not, and back when it returns")
    func killed() async throws {
        try await withRedis { redis, server in
            try await redis.load(Self.endless, deadline: soon)
            async let running = outcome { () throws(RedisError) in
                _ = try await redis.run(Self.endless, deadline: soon)
            }
            try await eventually("the script runs") { server.log.contains("caught in the middle") }
            server.kill()
            #expect(await running == .unknown)
            try await eventually("calls fail fast while it is away") {
                let error = await redisError { () throws(RedisError) in try await redis.ping(deadline: soon) }
                guard case .notConnected = error?.reason else { return false }
                return error?.outcome == .notSent
            }
            try await server.launch()
            try await eventually("calls succeed again") {
                await redisError { () throws(RedisError) in try await redis.ping(deadline: soon) } == nil
            }
        }
    }

    @Test("paused: calls end at their deadline, later ones fail fast, and no reply reaches another caller")
    func paused() async throws {
        var settings = RedisSettings.patient
        settings.connections = 1
        settings.overdueAfter = .milliseconds(150)
        try await withRedis(settings: settings) { redis, server in
            for number in 0..<100 { try await redis.set("k\(number)", to: .integer(Int64(number)), deadline: soon) }
            server.pause()
            let caught = await redisError { () throws(RedisError) in
                try await redis.set("late", to: "1", deadline: .now + .milliseconds(50))
            }
            #expect(caught == RedisError(.unknown, .deadlineExceeded, node: "cache"))
            try await eventually("new work is refused") {
                let error = await redisError { () throws(RedisError) in
                    _ = try await redis.get("k1", deadline: .now + .milliseconds(20))
                }
                return error?.outcome == .notSent
            }
            let start = ContinuousClock.now
            for _ in 0..<100 {
                _ = await redisError { () throws(RedisError) in _ = try await redis.get("k1", deadline: soon) }
            }
            #expect(ContinuousClock.now - start < .seconds(5), "a hundred refusals take no waiting")
            server.resume()
            try await eventually("calls succeed again") {
                await redisError { () throws(RedisError) in try await redis.ping(deadline: soon) } == nil
            }
            for number in 0..<100 {
                #expect(try await redis.get("k\(number)", deadline: soon) == Array("\(number)".utf8))
            }
            // What was sent to the paused server took effect after all: the outcome was truly unknown.
            #expect(try await redis.get("late", deadline: soon) == Array("1".utf8))
        }
    }

    @Test("a paused server's connection is dropped, and a new one made when it goes on")
    func dropped() async throws {
        var settings = RedisSettings.patient
        settings.connections = 1
        settings.dropAfter = .milliseconds(500)
        try await withRedis(settings: settings) { redis, server in
            try await redis.ping(deadline: soon)
            server.pause()
            let error = await redisError { () throws(RedisError) in _ = try await redis.get("k", deadline: soon) }
            #expect(error?.outcome == .unknown)
            guard case .connectionLost = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(redis.openConnections == 0)
            server.resume()
            try await eventually("connected again") { redis.openConnections == 1 }
            try await redis.ping(deadline: soon)
        }
    }

    @Test("a start before the server is there is no end: the client connects once it is")
    func startsBeforeServer() async throws {
        let server = try await RedisTestServer.start()
        defer { server.stop() }
        server.kill()
        try await withRedisClient(server.endpoint, settings: RedisSettings()) { redis in
            let error = await redisError { () throws(RedisError) in try await redis.ping(deadline: soon) }
            #expect(error?.outcome == .notSent)
            try await server.launch()
            try await eventually("connected") { redis.openConnections == 2 }
        }
    }

    @Test("one of two connections that hangs leaves the work to the other")
    func neighbour() async throws {
        let server = try await ScriptedRedis.start { connection, _, words in
            connection == 0 ? [] : [.bytes("+\(words[1])\r\n")]
        }
        var settings = RedisSettings.patient
        settings.overdueAfter = .milliseconds(150)
        try await withRedisClient(server.endpoint, settings: settings) { redis in
            try await eventually("both connected") { redis.openConnections == 2 }
            for number in 0..<4 {
                _ = await redisError { () throws(RedisError) in
                    _ = try await redis.send(RedisCommand("ECHO", "\(number)"), deadline: .now + .milliseconds(200))
                }
            }
            for number in 0..<50 {
                let reply = try await redis.send(RedisCommand("ECHO", "\(number)"), deadline: soon)
                #expect(reply == .status("\(number)"))
            }
        }
        await server.stop()
    }

    private func outcome(_ call: () async throws(RedisError) -> Void) async -> RedisError.Outcome? {
        await redisError(call)?.outcome
    }
}
