import Testing

@testable import Redis

@Suite("Redis commands against a real server")
struct RedisCommandsTests {
    @Test("strings: get, set with lifetime and condition, exchange, several at once, increment")
    func strings() async throws {
        try await withRedis { redis, _ in
            #expect(try await redis.get("a", deadline: soon) == nil)
            #expect(try await redis.set("a", to: "1", deadline: soon))
            #expect(try await redis.get("a", deadline: soon) == Array("1".utf8))
            #expect(try await redis.set("a", to: "2", condition: .ifAbsent, deadline: soon) == false)
            #expect(try await redis.set("b", to: "2", condition: .ifPresent, deadline: soon) == false)
            #expect(try await redis.exchange("a", for: .integer(5), deadline: soon) == Array("1".utf8))
            #expect(try await redis.exchange("n", for: "x", deadline: soon) == nil)
            #expect(try await redis.increment("a", deadline: soon) == 6)
            #expect(try await redis.increment("a", by: -10, deadline: soon) == -4)
            #expect(
                try await redis.get(["a", "none", "n"], deadline: soon) == [Array("-4".utf8), nil, Array("x".utf8)])
            #expect(try await redis.get([], deadline: soon).isEmpty)
            let binary: [UInt8] = [0, 13, 10, 255, 36]
            try await redis.set("bin", to: .bytes(binary), lifetime: .microseconds(90_000_001), deadline: soon)
            #expect(try await redis.get("bin", deadline: soon) == binary)
            guard case .remaining(let left) = try await redis.timeToLive("bin", deadline: soon) else {
                Issue.record("no lifetime was set")
                return
            }
            #expect(left <= .milliseconds(90_001) && left > .seconds(60))
        }
    }

    @Test("keys: exist, expire, live, delete, scan")
    func keys() async throws {
        try await withRedis { redis, _ in
            for number in 0..<250 { try await redis.set("key:\(number)", to: "x", deadline: soon) }
            #expect(try await redis.exists("key:0", "key:1", "none", deadline: soon) == 2)
            #expect(try await redis.timeToLive("key:0", deadline: soon) == .unlimited)
            #expect(try await redis.timeToLive("none", deadline: soon) == .missing)
            #expect(try await redis.expire("key:0", after: .seconds(100), deadline: soon))
            #expect(try await redis.expire("none", after: .seconds(100), deadline: soon) == false)
            #expect(try await redis.delete("key:0", "none", deadline: soon) == 1)
            #expect(try await redis.unlink(["key:1", "key:2"], deadline: soon) == 2)
            var seen: Set<String> = []
            var cursor: String?
            repeat {
                let page = try await redis.scan(after: cursor, matching: "key:*", deadline: soon)
                seen.formUnion(page.keys)
                cursor = page.cursor
            } while cursor != nil
            #expect(seen.count == 247)
            try await redis.flushDatabase(deadline: soon)
            #expect(try await redis.exists("key:9", deadline: soon) == 0)
        }
    }

    @Test("hashes: set, get, get all, increment, delete")
    func hashes() async throws {
        // The signature is spelled out: what throws inside macros alone is not seen when it is inferred.
        try await withRedis { (redis, _) async throws in
            #expect(try await redis.set(fields: ["sku-1": 2, "sku-2": "x"], of: "cart", deadline: soon) == 2)
            #expect(try await redis.get(field: "sku-1", of: "cart", deadline: soon) == Array("2".utf8))
            #expect(try await redis.get(field: "none", of: "cart", deadline: soon) == nil)
            #expect(try await redis.increment(field: "sku-1", of: "cart", by: 3, deadline: soon) == 5)
            #expect(
                try await redis.getAll("cart", deadline: soon) == ["sku-1": Array("5".utf8), "sku-2": Array("x".utf8)])
            #expect(try await redis.delete(fields: ["sku-1", "none"], of: "cart", deadline: soon) == 1)
            #expect(try await redis.getAll("none", deadline: soon).isEmpty)
        }
    }

    @Test("the server itself: ping, info, time, client id and tracking, any other command")
    func server() async throws {
        var settings = RedisSettings.patient
        settings.connections = 1
        try await withRedis(settings: settings) { redis, _ in
            try await redis.ping(deadline: soon)
            #expect(try await redis.info("server", deadline: soon)["redis_mode"] == "standalone")
            #expect(try await redis.time(deadline: soon) > .seconds(1_500_000_000))
            let id = try await redis.clientID(deadline: soon)
            try await redis.startTracking(redirect: id, deadline: soon)
            let echoed = try await redis.send(RedisCommand("ECHO", "hello"), deadline: soon)
            #expect(echoed.string == "hello")
        }
    }

    @Test("an error of the server is thrown with its code and the node's name, and had no effect")
    func serverError() async throws {
        try await withRedis { redis, _ in
            try await redis.set("text", to: "x", deadline: soon)
            let error = await redisError { () throws(RedisError) in
                _ = try await redis.increment("text", deadline: soon)
            }
            guard case .server(let answer) = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(answer.code == "ERR" && error?.outcome == .failed && error?.node == "cache")
        }
    }

    @Test("what cannot be sent is refused before it is sent")
    func refused() async throws {
        var settings = RedisSettings.patient
        settings.maximumCommandBytes = 1000
        try await withRedis(settings: settings) { redis, _ in
            let errors = [
                await redisError { () throws(RedisError) in
                    _ = try await redis.send(RedisCommand("subscribe", "x"), deadline: soon)
                },
                await redisError { () throws(RedisError) in
                    try await redis.set("k", to: .bytes([UInt8](repeating: 0, count: 2000)), deadline: soon)
                },
                await redisError { () throws(RedisError) in
                    try await redis.expire("k", after: .zero, deadline: soon)
                },
                await redisError { () throws(RedisError) in _ = try await redis.get("k", deadline: .now) },
            ]
            for error in errors { #expect(error?.outcome == .notSent) }
        }
    }

    @Test("a script the server does not know is given to it once more")
    func scripts() async throws {
        try await withRedis { redis, _ in
            let script = RedisScript("return {redis.call('INCRBY', KEYS[1], ARGV[1]), ARGV[2]}")
            for round in 1...3 {
                let reply = try await redis.run(script, keys: ["n"], arguments: [2, "x"], deadline: soon)
                #expect(reply == .array([.integer(Int64(2 * round)), .bulk(Array("x".utf8))]))
                _ = try await redis.send(RedisCommand("SCRIPT", "FLUSH"), deadline: soon)
            }
        }
    }

    @Test("a script that fails half-way has an unknown outcome, one that cannot begin has none")
    func scriptErrors() async throws {
        try await withRedis { (redis, _) async throws in
            let script = RedisScript("redis.call('SET', KEYS[1], '1') return redis.call('NOSUCH')")
            let error = await redisError { () throws(RedisError) in
                _ = try await redis.run(script, keys: ["half"], deadline: soon)
            }
            #expect(error?.outcome == .unknown)
            #expect(try await redis.exists("half", deadline: soon) == 1)
            let broken = await redisError { () throws(RedisError) in
                _ = try await redis.run(RedisScript("no lua"), deadline: soon)
            }
            #expect(broken?.outcome == .failed)
        }
    }

    @Test("a connection logs in and selects its database")
    func logIn() async throws {
        let server = try await RedisTestServer.start(["--requirepass", "secret"])
        defer { server.stop() }
        var endpoint = server.endpoint
        endpoint.password = "secret"
        endpoint.database = 3
        try await withRedisClient(endpoint) { redis in
            try await redis.set("k", to: "v", deadline: soon)
            #expect(try await redis.info("keyspace", deadline: soon)["db3"] != nil)
        }
        endpoint.password = "wrong"
        try await withRedisClient(endpoint) { redis in
            let error = await redisError { () throws(RedisError) in try await redis.ping(deadline: soon) }
            #expect(error?.outcome == .notSent)
            #expect(error?.description.contains("WRONGPASS") == true)
        }
    }

    @Test("a client that was not started, or was shut down, says so")
    func closed() async throws {
        try await withRedis { redis, _ in
            await redis.shutdown()
            let error = await redisError { () throws(RedisError) in try await redis.ping(deadline: soon) }
            #expect(error == RedisError(.notSent, .closed, node: "cache"))
        }
    }
}
