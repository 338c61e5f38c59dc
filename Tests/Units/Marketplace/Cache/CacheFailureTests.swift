import NIOCore
import Synchronization
import Testing

@testable import Marketplace

@Suite("The cache when things break", .timeLimit(.minutes(3)))
struct CacheFailureTests {
    typealias Server = CacheBench.Server

    private let store = StoreID(number: 5)
    private var product: CacheSubject { .product(ProductID(store: store, number: 7)) }

    @Test("a lost shard's answers are shown for the bound, marked with their age, and then no more")
    func staleIfError() async throws {
        let clock = SteppedClock()
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            let change = { @Sendable (settings: inout Settings) in settings.cache.vouchBound = .seconds(3600) }
            try await bench.serve(change, environment: clock.environment) { (server: Server) async throws in
                #expect(try await server.read(product) == "1")
                clock.step(.seconds(10))
                bench.database.fail(true)
                let trace = RequestTrace()
                #expect(try await server.read(product, trace: trace) == "1")
                #expect(trace.record.cache == .stale)
                #expect(trace.record.degraded?.hasPrefix("stale; age=10") == true)
                // Its end comes while the shard is out: it is shown all the same.
                clock.step(.seconds(58))
                #expect(try await server.read(product) == "1")
                clock.step(.seconds(3))
                await #expect(throws: Problem.self) { try await server.read(product) }
                bench.database.fail(false)
                #expect(try await server.read(product) == "1")
                #expect(server.metrics.cache.result(.memory, .stale).value >= 1)
            }
        }
    }

    @Test("what only Redis has stands in as well")
    func staleFromRedis() async throws {
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            try await bench.serve({ $0.cache.product = .milliseconds(300) }) { (server: Server) async throws in
                #expect(try await server.read(product) == "1")
                try await eventually("it is in Redis") { try await server.isInRedis(product) }
            }
            try await bench.serve({ $0.features[.memoryCache] = false }) { (server: Server) async throws in
                bench.database.fail(true)
                try await eventually("it has passed its end") { try await server.hasEndedInRedis(product) }
                let trace = RequestTrace()
                #expect(try await server.read(product, trace: trace) == "1")
                #expect(trace.record.cache == .stale && trace.record.degraded?.hasPrefix("stale; age=") == true)
            }
        }
    }

    @Test("with Redis gone memory answers for its short time, then the database, one load per key at a time")
    func killed() async throws {
        let clock = SteppedClock()
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            let change = { @Sendable (settings: inout Settings) in settings.cache.unvouched = .seconds(20) }
            try await bench.serve(change, environment: clock.environment) { (server: Server) async throws in
                #expect(try await server.read(product) == "1")
                bench.redis.kill()
                try await eventually("the breaker is open") { server.cache.dependency?.isAvailable == false }
                try await eventually("the channel is lost") { !server.cache.coherence!.isVouched(at: clock.now) }
                bench.database.set(product, to: 2)
                clock.step(.seconds(21))
                #expect(try await server.read(product) == "2")
                #expect(try await server.source(product) == .memory)
                bench.database.set(product, to: 3)
                #expect(try await server.read(product) == "2")
                clock.step(.seconds(21))
                #expect(try await server.read(product) == "3")
                // What this server changes itself is never shown older.
                bench.database.set(product, to: 4)
                await server.tell(product, version: 4)
                #expect(try await server.read(product) == "4")
            }
        }
    }

    @Test("without Redis a crowd of readers of one key is one load on each server", arguments: [true, false])
    func crowd(isKnown: Bool) async throws {
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            // Those who asked before the channel was lost share nothing with those after: with memory, only later.
            let change = { @Sendable (settings: inout Settings) -> Void in settings.features[.memoryCache] = isKnown }
            try await bench.serve(change) { (first: Server) async throws in
                try await bench.serve(change) { (second: Server) async throws in
                    let (servers, gate) = ([first, second], AsyncGate())
                    if isKnown { bench.redis.kill() } else { bench.redis.pause() }
                    for server in servers where isKnown {
                        try await eventually("it is known") {
                            server.cache.dependency?.isAvailable == false
                                && server.metrics.cache.coherenceLost.value > 0
                        }
                    }
                    async let answers = atOnce(100) { number in
                        try await servers[number % 2].read(product) { _ in
                            await gate.wait()
                            return try bench.database.read(product)
                        }
                    }
                    for server in servers {
                        try await eventually("all have asked") { server.waiting(for: product) == 50 }
                    }
                    await gate.open()
                    let read = try await answers
                    #expect(read.allSatisfy { $0 == "1" })
                    for server in servers { #expect(server.metrics.cache.loads.value == 1) }
                }
            }
        }
    }

    @Test("a change that Redis could not be told is told when it is back, and nothing older is taken from there")
    func owed() async throws {
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            try await bench.serve { (server: Server) async throws in
                #expect(try await server.read(product) == "1")
                try await eventually("it is in Redis") { try await server.isInRedis(product) }
                bench.redis.pause()
                try await eventually("the breaker is open") { server.cache.dependency?.isAvailable == false }
                bench.database.set(product, to: 2)
                await server.tell(product, version: 2)
                #expect(!server.cache.state.owesNothing)
                bench.redis.resume()
                try await eventually("the breaker is closed") { server.cache.dependency?.isAvailable == true }
                #expect(try await server.read(product) == "2")
                try await eventually("it is told") { await server.settle() }
                #expect(try await server.read(product) == "2")
            }
        }
    }

    @Test("what is owed is told as soon as the channel hears Redis, though the breaker serves its cooldown")
    func owedBeforeCooldown() async throws {
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            let change = { @Sendable (settings: inout Settings) in settings.resilience.breaker.cooldown = .seconds(60) }
            try await bench.serve(change) { (server: Server) async throws in
                bench.redis.pause()
                try await eventually("the breaker is open") { server.cache.dependency?.isAvailable == false }
                await server.tell(product, version: 2)
                #expect(!server.cache.state.owesNothing)
                bench.redis.resume()
                try await eventually("it is told") { await server.settle() }
                #expect(server.cache.dependency?.isAvailable == false)
            }
        }
    }

    @Test("a server that was stopped and goes on shows nothing from memory before it has heard")
    func stopped() async throws {
        let clock = SteppedClock()
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            try await bench.serve(environment: clock.environment) { (server: Server) async throws in
                #expect(try await server.read(product) == "1")
                #expect(try await server.source(product) == .memory)
                // As if the whole process had stood still, its channel with it.
                clock.step(.seconds(2))
                #expect(try await server.source(product) != .memory)
            }
        }
    }

    @Test("a lease whose holder died is waited for as long as it stands, and no longer")
    func deadLeader() async throws {
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            try await bench.serve({ $0.cache.lease = .milliseconds(400) }) { (server: Server) async throws in
                let deadline = ContinuousClock.now + .seconds(5)
                let died = try await server.cache.redis?.look(product, token: "dead", deadline: deadline)
                guard case .miss(let miss) = died, miss.role == .lead else {
                    Issue.record("\(String(describing: died))")
                    return
                }
                let start = ContinuousClock.now
                #expect(try await server.read(product) == "1")
                #expect(ContinuousClock.now - start < .seconds(5))
                #expect(server.metrics.cache.leasesWaited.value == 1)
                try await eventually("it is filled") { try await server.source(product) == .memory }
            }
        }
    }
}

/// A clock that runs on by itself and can be put forward.
final class SteppedClock: Sendable {
    private let ahead = Mutex(Duration.zero)

    var now: ContinuousClock.Instant { ContinuousClock.now + ahead.withLock { $0 } }
    func step(_ duration: Duration) { ahead.withLock { $0 += duration } }

    var environment: Environment {
        var environment = Environment.live
        environment.now = { self.now }
        environment.sleep = { until in
            while self.now < until {
                try await ContinuousClock().sleep(for: min(until - self.now, .milliseconds(20)))
            }
        }
        return environment
    }
}
