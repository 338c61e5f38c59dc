import Testing

@testable import Redis

@Suite("Redis, when the bytes are wrong")
struct RedisProtocolTests {
    @Test("replies sliced byte by byte are whole")
    func sliced() async throws {
        try await withScriptedRedis { _, _, words in
            [.slices("$\(words[1].utf8.count)\r\n\(words[1])\r\n")]
        } _: { redis, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let value = try await redis.get("value \(number)\r\n", deadline: soon)
                        #expect(value == Array("value \(number)\r\n".utf8))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("a reply cut short ends unknown, and the next connection starts clean", arguments: [true, false])
    func truncated(byReset: Bool) async throws {
        try await withScriptedRedis { connection, _, words in
            connection == 0 ? [.bytes("$5\r\nhel"), byReset ? .reset : .close] : [.bytes("$2\r\nlo\r\n")]
        } _: { redis, server in
            let error = await redisError { () throws(RedisError) in _ = try await redis.get("k", deadline: soon) }
            #expect(error?.outcome == .unknown && error?.node == "scripted")
            guard case .connectionLost = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            try await eventually("connected again") { redis.openConnections == 1 }
            #expect(try await redis.get("k", deadline: soon) == Array("lo".utf8))
            #expect(server.connectionCount == 2)
        }
    }

    @Test(
        "evil headers end the connection at once",
        arguments: ["*2147483647\r\n", "$2147483647\r\n", ":1x\r\n", "%7\r\n", String(repeating: "*9\r\n", count: 9)])
    func evil(header: String) async throws {
        try await withScriptedRedis { connection, _, _ in
            [.bytes(connection == 0 ? header : "$1\r\nk\r\n")]
        } _: { redis, _ in
            let error = await redisError { () throws(RedisError) in _ = try await redis.get("k", deadline: soon) }
            #expect(error?.outcome == .unknown)
            guard case .protocolViolation = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            try await eventually("connected again") { redis.openConnections == 1 }
            #expect(try await redis.get("k", deadline: soon) == Array("k".utf8))
        }
    }

    @Test("a reply that nobody asked for ends the connection, and reaches nobody")
    func unsolicited() async throws {
        try await withScriptedRedis { _, _, words in
            [.bytes("$\(words[1].utf8.count)\r\n\(words[1])\r\n")]
        } _: { redis, server in
            #expect(try await redis.get("a", deadline: soon) == Array("a".utf8))
            server.write("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n", to: 0)
            try await eventually("connected anew", within: .seconds(5)) {
                server.connectionCount == 2 && redis.openConnections == 1
            }
            #expect(try await redis.get("b", deadline: soon) == Array("b".utf8))
        }
    }

    @Test("the reply of a caller that gave up is dropped, not handed to the next", arguments: [true, false])
    func givenUp(byCancellation: Bool) async throws {
        try await withScriptedRedis { _, _, _ in
            []
        } _: { redis, server in
            try await eventually("connected") { redis.openConnections == 1 }
            let first = Task {
                await redisError { () throws(RedisError) in
                    let deadline = byCancellation ? soon : .now + .milliseconds(500)
                    _ = try await redis.get("first", deadline: deadline)
                }
            }
            try await eventually("the first is sent") { server.commands.count == 1 }
            if byCancellation { first.cancel() }
            let error = await first.value
            #expect(error?.outcome == .unknown)
            #expect(error?.reason == (byCancellation ? .cancelled : .deadlineExceeded))
            #expect(redis.pendingCommands == 1, "its place is kept")
            async let second = redis.get("second", deadline: soon)
            try await eventually("the second is sent") { server.commands.count == 2 }
            server.write("$5\r\nfirst\r\n$6\r\nsecond\r\n", to: 0)
            #expect(try await second == Array("second".utf8))
            #expect(redis.pendingCommands == 0)
        }
    }

    @Test("a task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        try await withScriptedRedis { _, _, _ in
            [.bytes("+OK\r\n")]
        } _: { redis, server in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await redisError { () throws(RedisError) in try await redis.set("k", to: "v", deadline: soon) }
            }
            #expect(await task.value == RedisError(.notSent, .cancelled, node: "scripted"))
            #expect(server.commands.isEmpty)
        }
    }

    @Test("the limit on commands without an answer turns work away before it is sent")
    func limit() async throws {
        var settings = RedisSettings.patient
        settings.maximumPendingCommands = 10
        try await withScriptedRedis(settings: settings) { _, _, _ in
            []
        } _: { redis, server in
            let waiting = (0..<10).map { number in
                Task { try await redis.get("\(number)", deadline: soon) }
            }
            try await eventually("all are sent") { server.commands.count == 10 }
            let error = await redisError { () throws(RedisError) in _ = try await redis.get("more", deadline: soon) }
            #expect(error?.outcome == .notSent)
            guard case .limitReached = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            server.write(String(repeating: "$-1\r\n", count: 10), to: 0)
            for task in waiting { #expect(try await task.value == nil) }
            #expect(server.commands.count == 10)
        }
    }

    @Test("the limits on a reply hold on the wire")
    func replyLimit() async throws {
        var settings = RedisSettings.patient
        settings.replies.maximumBytes = 100_000
        try await withRedis(settings: settings) { redis, _ in
            try await redis.set("small", to: .bytes([UInt8](repeating: 1, count: 90_000)), deadline: soon)
            try await redis.set("large", to: .bytes([UInt8](repeating: 1, count: 110_000)), deadline: soon)
            #expect(try await redis.get("small", deadline: soon)?.count == 90_000)
            let error = await redisError { () throws(RedisError) in _ = try await redis.get("large", deadline: soon) }
            guard case .protocolViolation = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
