import Synchronization
import Testing

@testable import Marketplace

@Suite("Warming up", .timeLimit(.minutes(3)))
struct WarmUpTests {
    typealias Server = CacheBench.Server

    private static let products = (Int64(1)...12).map { ProductID(store: StoreID(number: 5), number: $0) }
    private static let width = 4
    private static let bound = Duration.seconds(3600)

    /// What is read, and how much of it at once; held up until its gate opens.
    private final class Reads: Sendable {
        private struct State {
            var counts: [ProductID: Int] = [:]
            var now = 0
            var most = 0
        }

        let gate = AsyncGate()
        private let fail: Bool
        private let state = Mutex(State())

        init(fail: Bool = false) {
            self.fail = fail
        }

        var counts: [ProductID: Int] { state.withLock { $0.counts } }
        var now: Int { state.withLock { $0.now } }
        var most: Int { state.withLock { $0.most } }

        func read(_ product: ProductID) async throws {
            state.withLock {
                $0.counts[product, default: 0] += 1
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            defer { state.withLock { $0.now -= 1 } }
            await gate.wait()
            if fail { throw Problem(.unavailable, "shard-0 does not answer now.") }
        }
    }

    /// A warm-up of a server that has noted some products as wanted.
    private func withWarmUp(
        of reads: Reads, environment: Environment = .live, _ body: (WarmUp, Server) async throws -> Void
    ) async throws {
        try await withCaches { bench in
            // A note that fails is none.
            try await bench.serve({ $0.cache.callDeadline = .seconds(10) }) { (server: Server) async throws in
                var settings = CacheSettings()
                settings.warmUpConcurrency = Self.width
                settings.warmUpBound = Self.bound
                let warmUp = WarmUp(cache: server.cache, settings: settings, environment: environment) {
                    try await reads.read($0)
                }
                for product in Self.products.map(CacheSubject.product(_:)) {
                    bench.database.set(product, to: 1)
                    try await eventually("it is wanted") { try await server.source(product) == .memory }
                }
                await warmUp.note()
                try await body(warmUp, server)
            }
        }
    }

    /// Each product as often.
    private func each(_ count: Int) -> [ProductID: Int] {
        Dictionary(uniqueKeysWithValues: Self.products.map { ($0, count) })
    }

    @Test("it reads as many at once as it may, and no more")
    func concurrency() async throws {
        let reads = Reads()
        try await withWarmUp(of: reads) { warmUp, server in
            async let run: Void = warmUp.run()
            try await eventually("as many as may have begun") { reads.now >= Self.width }
            // Whoever else would begin stands in the queue already, and is let by.
            for _ in 0..<100 { await Task.yield() }
            await reads.gate.open()
            await run
            #expect(reads.most == Self.width)
            #expect(reads.counts == each(1))
            #expect(server.metrics.cache.warmed.value == Self.products.count)
            #expect(!warmUp.holdsReadiness)
        }
    }

    @Test("it reads three times what cannot be read, and leaves it then")
    func attempts() async throws {
        let reads = Reads(fail: true)
        await reads.gate.open()
        var environment = Environment.live
        environment.sleep = { _ in }
        try await withWarmUp(of: reads, environment: environment) { warmUp, server in
            await warmUp.run()
            #expect(reads.most <= Self.width)
            #expect(reads.counts == each(3))
            #expect(server.metrics.cache.warmed.value == 0)
            #expect(!warmUp.holdsReadiness)
        }
    }

    @Test("reads that hang hold readiness up to the bound; nothing more is read after twice the bound")
    func hanging() async throws {
        let (reads, clock) = (Reads(), SteppedClock())
        try await withWarmUp(of: reads, environment: clock.environment) { warmUp, _ in
            #expect(warmUp.holdsReadiness)
            async let run: Void = warmUp.run()
            try await eventually("all that may have begun") { reads.now == Self.width }
            clock.step(Self.bound / 2)
            #expect(warmUp.holdsReadiness)
            clock.step(Self.bound / 2)
            #expect(!warmUp.holdsReadiness)
            #expect(reads.now == Self.width)
            clock.step(Self.bound)
            await reads.gate.open()
            await run
            #expect(reads.counts.values.reduce(0, +) == Self.width)
        }
    }
}
