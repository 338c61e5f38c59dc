import Testing

@testable import Marketplace

@Suite("What the cache counts", .timeLimit(.minutes(3)))
struct CacheMetricsTests {
    typealias Server = CacheBench.Server

    private let store = StoreID(number: 5)
    private var brand: CacheSubject { .item(.brand, "1", of: store) }

    private func product(_ number: Int64) -> CacheSubject { .product(ProductID(store: store, number: number)) }

    /// No count depends on how busy the machine is.
    private static let exact: @Sendable (inout Settings) -> Void = { settings in
        settings.cache.callDeadline = .seconds(10)
        settings.cache.vouchBound = .seconds(3600)
        settings.cache.negative = .seconds(60)
        settings.cache.taxonomy = .milliseconds(300)
        settings.features[.breakers] = false
        settings.resilience.monitor = .init(interval: .seconds(3600), timeout: .seconds(10))
    }

    @Test("each look-up counts once in each layer that was asked, by what became of it")
    func lookUps() async throws {
        let (kept, absent, late) = (product(1), product(2), product(3))
        try await withCaches { bench in
            for subject in [kept, late, brand] { bench.database.set(subject, to: 1) }
            try await bench.serve(Self.exact) { (server: Server) async throws in
                // Vouched for as it is, for an hour.
                await server.channel?.shutdown()
                for subject in [kept, brand] {
                    #expect(try await server.source(subject) == .miss)
                    try await eventually("it is in Redis") { try await server.isInRedis(subject) }
                }
                for _ in 0..<64 { #expect(try await server.source(kept) == .memory) }
                server.cache.memory.beginEra()
                #expect(try await server.source(kept) == .hit)
                #expect(try await server.source(absent) == .miss)
                #expect(try await server.source(absent) == .memory)
                try await eventually("the brand has passed its end") { try await server.hasEndedInRedis(brand) }
                bench.database.fail(true)
                #expect(try await server.source(kept) == .stale)
                server.cache.memory.change(brand.scope)
                #expect(try await server.source(brand) == .stale)
                bench.database.fail(false)
                bench.redis.kill()
                #expect(try await server.source(late) == .error)

                let lines = server.metrics.registry.prometheusText().split(separator: "\n").map(String.init)
                #expect(Self.expected.subtracting(lines) == [])
            }
        }
    }

    /// Of each result as many as the test drives; of look-ups in memory one in 64 is timed.
    private static let expected: Set = [
        #"marketplace_cache_requests_total{layer="memory",result="hit"} 64"#,
        #"marketplace_cache_requests_total{layer="memory",result="miss"} 6"#,
        #"marketplace_cache_requests_total{layer="memory",result="negative"} 1"#,
        #"marketplace_cache_requests_total{layer="memory",result="stale"} 1"#,
        #"marketplace_cache_requests_total{layer="memory",result="error"} 0"#,
        #"marketplace_cache_requests_total{layer="redis",result="hit"} 1"#,
        #"marketplace_cache_requests_total{layer="redis",result="miss"} 4"#,
        #"marketplace_cache_requests_total{layer="redis",result="negative"} 0"#,
        #"marketplace_cache_requests_total{layer="redis",result="stale"} 1"#,
        #"marketplace_cache_requests_total{layer="redis",result="error"} 1"#,
        #"marketplace_cache_duration_seconds_count{layer="memory"} 1"#,
        #"marketplace_cache_duration_seconds_count{layer="redis"} 5"#,
        "marketplace_cache_loads_total 5",
        "marketplace_cache_load_duration_seconds_count 5",
    ]
}
