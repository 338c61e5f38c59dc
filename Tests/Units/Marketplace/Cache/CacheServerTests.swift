import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// Two servers over one Redis and one Postgres, all real.
    @Suite("the caches of two servers", .timeLimit(.minutes(5)), .serialized)
    struct CacheServerTests {
        private func named(_ name: String, _ change: SettingsChange = .none) -> SettingsChange {
            SettingsChange {
                $0.server.name = name
                $0.cache.tombstone = .seconds(5)
                // Longer than a busy machine may take to load; that is what is waited for, not how long.
                $0.cache.lease = .seconds(3)
                change.apply(&$0)
            }
        }

        private static let loads = "marketplace_cache_loads_total"

        /// How often the database is asked when many readers of two servers want one key at once.
        private func loads(of readers: Int, _ change: SettingsChange) async throws -> Int {
            let fleet = try await MarketplaceFleet.shared()
            return try await fleet.serve(named("server-0", change)) { first in
                try await fleet.serve(named("server-1", change)) { second in
                    let store = try await first.makeStore()
                    let product = try await first.makeProduct(in: store, sku: "MUG-1", quantity: 5)
                    let path = "/v1/stores/\(store)/products/\(product)"
                    let before = first.counter(Self.loads) + second.counter(Self.loads)
                    let answers = try await atOnce(readers) { number in
                        try await (number.isMultiple(of: 2) ? first : second).get(path)
                    }
                    #expect(answers.allSatisfy { $0.status == .ok && $0.text.contains("Blue Mug") })
                    return first.counter(Self.loads) + second.counter(Self.loads) - before
                }
            }
        }

        @Test("a thousand readers of a cold key on two servers: at most two loads")
        func stampede() async throws {
            let count = try await loads(of: 1000, .none)
            #expect((1...2).contains(count))
        }

        @Test("without the guard there are more")
        func stampedeUnguarded() async throws {
            // The first answer may come before the second reader asks: then nothing was there to guard.
            var most = 0
            for _ in 0..<10 where most <= 2 { most = max(most, try await loads(of: 1000, .off(.stampedeGuard))) }
            #expect(most > 2)
        }

        /// Two servers, of which one changes what the other reads.
        private func race(
            _ change: SettingsChange = .none, readsOwn: Bool = false,
            _ body: @escaping @Sendable (CacheRace) async throws -> Void
        ) async throws {
            let fleet = try await MarketplaceFleet.shared()
            try await fleet.serve(named("server-0", change)) { writing in
                try await fleet.serve(named("server-1", change)) { reading in
                    let race = try await CacheRace(writing: writing, reading: reading, readsOwn: readsOwn)
                    try await race.run(body)
                }
            }
        }

        @Test("changed a hundred times a second, read from memory elsewhere: nothing older than 200 ms")
        func coherence() async throws {
            try await race { race in
                try await race.changes(400)
                let seen = race.seen
                let fromMemory = seen.count { $0.source == "memory" }
                #expect(fromMemory > seen.count / 20, "\(fromMemory) of \(seen.count) from memory")
                #expect(race.oldest(seen) <= .milliseconds(200), "\(fromMemory) of \(seen.count) from memory")
            }
        }

        @Test("while Redis is away nothing is older than memory may be without it; once it is back, than 200 ms")
        func away() async throws {
            let redis = try await RedisTestServer.start()
            defer { redis.stop() }
            let change = SettingsChange {
                $0.cache.node = NodeAddress(name: "cache", host: redis.socketPath, port: 6379)
                // A replica is behind by itself, and nobody tells the reader then from where on a change is seen.
                $0.features[.readReplicas] = false
            }
            try await race(change, readsOwn: true) { race in
                try await race.changes(100)
                let loads = race.reading.marketplace.metrics.cache.loads
                let (killed, before) = (ContinuousClock.now, loads.value)
                redis.kill()
                try await eventually("memory has reached its bound more than once") { loads.value >= before + 4 }
                try await redis.launch()
                try await eventually("both servers have Redis again, and it is told everything") { race.isSettled }
                let back = ContinuousClock.now
                try await race.changes(200)

                let seen = race.seen
                #expect(seen.allSatisfy { $0.version > 0 }, "an answer was an error")
                let oldest = race.oldest(seen.filter { $0.asked >= killed && $0.asked < back })
                // An answer is as old as its way from the database when it is kept. And when Redis is back, the reader
                // may trust it a tenth of a second before the writer has told what it owes.
                #expect(oldest <= Settings().cache.unvouched + .milliseconds(500))
                #expect(oldest > .milliseconds(200), "memory was not asked")
                #expect(race.oldest(seen.filter { $0.asked >= back }) <= .milliseconds(200))
            }
        }

        @Test("when nobody tells of changes, memory is as old as it may be")
        func incoherent() async throws {
            // Vouched for by nothing: what the channel proves is taken to last for a minute.
            let fleet = try await MarketplaceFleet.shared()
            try await fleet.serve(named("server-0")) { writing in
                try await fleet.serve(named("server-1", SettingsChange { $0.cache.vouchBound = .seconds(60) })) {
                    reading in
                    let store = try await writing.makeStore()
                    let product = try await writing.makeProduct(in: store, sku: "MUG-1", quantity: 5)
                    let path = "/v1/stores/\(store)/products/\(product)"
                    try await eventually("it is in memory") { try await reading.get(path).cache == "memory" }
                    await reading.marketplace.connections.invalidations?.shutdown()
                    _ = try await writing.request(
                        .put, path, #"{"name":"New","category":"kitchen"}"#, ["If-Match": "\"1\""])
                    #expect(try await reading.get(path).header("ETag") == "\"1\"")
                }
            }
        }

        @Test("an order on one server shows in what another has in memory")
        func stock() async throws {
            let fleet = try await MarketplaceFleet.shared()
            try await fleet.serve(named("server-0")) { writing in
                try await fleet.serve(named("server-1")) { reading in
                    let store = try await writing.makeStore()
                    let product = try await writing.makeProduct(in: store, sku: "MUG-1", quantity: 50)
                    for path in ["/v1/stores/\(store)/products/\(product)", "/v1/stores/\(store)/products"] {
                        for number in 0..<5 {
                            try await eventually("it is in memory") { try await reading.get(path).cache == "memory" }
                            let key = "\(path.count)-\(number)"
                            let answer = try await writing.order(in: store, sku: "MUG-1", key: key)
                            #expect(answer.status == .created)
                            let left = try await writing.stock(in: store, sku: "MUG-1")
                            try await eventually("it is told", within: .seconds(10)) {
                                try await reading.get(path).text.contains(#""quantity":\#(left)"#)
                            }
                        }
                    }
                }
            }
        }

        @Test("a server that starts knows what was wanted, and is ready in time all the same")
        func warmUp() async throws {
            let fleet = try await MarketplaceFleet.shared()
            let path = try await fleet.serve(named("server-0")) { client in
                let store = try await client.makeStore()
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 5)
                let path = "/v1/stores/\(store)/products/\(product)"
                for _ in 0..<5 { _ = try await client.get(path) }
                await client.marketplace.cacheKeeper.warmUp.note()
                return path
            }
            try await fleet.serve(named("server-1")) { client in
                try await eventually("it is warm") { client.counter("marketplace_cache_warmed_total") > 0 }
                try await eventually("it comes from memory") { try await client.get(path).cache == "memory" }
            }
        }
    }
}
