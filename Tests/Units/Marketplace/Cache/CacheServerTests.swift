import Synchronization
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

        /// What a reader saw: since when it had been waiting, and which version came.
        private struct Sight: Sendable {
            let asked: ContinuousClock.Instant
            let version: Int64
            let source: String?
        }

        /// One server changes a product a hundred times a second, the other reads it all the while.
        /// - Returns: when each version was acknowledged, and what was seen.
        private func race(
            seconds: Int, _ reader: SettingsChange
        ) async throws -> (acknowledged: [ContinuousClock.Instant], seen: [Sight]) {
            let fleet = try await MarketplaceFleet.shared()
            return try await fleet.serve(named("server-0")) { writing in
                try await fleet.serve(named("server-1", reader)) { reading in
                    let store = try await writing.makeStore()
                    let product = try await writing.makeProduct(in: store, sku: "MUG-1", quantity: 5)
                    let path = "/v1/stores/\(store)/products/\(product)"
                    let clock = ContinuousClock()
                    let isOver = Mutex(false)
                    let reads = Task {
                        var seen: [Sight] = []
                        while !isOver.withLock({ $0 }) {
                            let asked = clock.now
                            let answer = try await reading.get(path)
                            let version = answer.json["data"]["version"].int ?? 0
                            seen.append(Sight(asked: asked, version: Int64(version), source: answer.cache))
                            await Task.yield()
                        }
                        return seen
                    }
                    var acknowledged = [clock.now]
                    let start = clock.now
                    for number in 1...(seconds * 100) {
                        let answer = try await writing.request(
                            .put, path, #"{"name":"Mug \#(number)","category":"kitchen"}"#,
                            ["If-Match": "\"\(number)\""])
                        #expect(answer.status == .ok)
                        acknowledged.append(clock.now)
                        try await clock.sleep(until: start + .milliseconds(10) * number)
                    }
                    isOver.withLock { $0 = true }
                    return (acknowledged, try await reads.value)
                }
            }
        }

        /// How much older than its acknowledged successor the oldest read was.
        private func oldest(_ race: (acknowledged: [ContinuousClock.Instant], seen: [Sight])) -> Duration {
            race.seen.map { sight in
                // Version n is superseded when n + 1 is acknowledged, which stands at index n.
                let superseded =
                    Int(sight.version) < race.acknowledged.count ? race.acknowledged[Int(sight.version)] : nil
                return superseded.map { max(.zero, sight.asked - $0) } ?? .zero
            }.max() ?? .zero
        }

        @Test("changed a hundred times a second, read from memory elsewhere: nothing older than 200 ms")
        func coherence() async throws {
            let race = try await race(seconds: 4, .none)
            let fromMemory = race.seen.count { $0.source == "memory" }
            #expect(fromMemory > race.seen.count / 20, "\(fromMemory) of \(race.seen.count) from memory")
            #expect(oldest(race) <= .milliseconds(200), "\(oldest(race)), \(fromMemory) of \(race.seen.count)")
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
