/// The metrics of the cache, looked up once.
struct CacheMetrics: Sendable {
    enum Layer: String, Sendable, CaseIterable { case memory, redis }
    enum Result: String, Sendable, CaseIterable { case hit, miss, stale, negative, error }

    /// Answers brought from the database for the cache.
    let loads: Counter
    let loadDuration: DurationHistogram
    /// Leases in Redis: this server's, another's that was waited for, and those that were waited for in vain.
    let leasesLed, leasesWaited, leasesLost: Counter
    /// Changes that this server told, was told, could not tell yet, and forgot to tell.
    let changes, changesTold, changesOwed, changesDropped: Counter
    /// 1 while memory is vouched for.
    let coherent: Gauge
    let coherenceLost: Counter
    let memoryBytes, memoryEntries: Gauge
    let warmed: Counter
    private let results: [Counter]
    private let durations: [DurationHistogram]

    init(_ registry: MetricsRegistry) {
        func counter(_ name: String, _ help: String) -> Counter {
            registry.family("marketplace_cache_\(name)_total", help, .counter, labels: []).metric([]) { Counter() }
        }
        func gauge(_ name: String, _ help: String) -> Gauge {
            registry.family("marketplace_cache_\(name)", help, .gauge, labels: []).metric([]) { Gauge() }
        }
        func leases(_ result: String) -> Counter {
            registry.family(
                "marketplace_cache_leases_total", "Leases across servers: led, waited for, waited for in vain.",
                .counter, labels: ["result"]
            ).metric([result]) { Counter() }
        }
        loads = counter("loads", "Answers loaded from the database.")
        loadDuration = registry.family(
            "marketplace_cache_load_duration_seconds", "From the question to the database to its answer.", .histogram,
            labels: []
        ).metric([]) { DurationHistogram() }
        leasesLed = leases("led")
        leasesWaited = leases("waited")
        leasesLost = leases("lost")
        changes = counter("changes", "Changes of this server's that were told to Redis.")
        changesTold = counter("changes_told", "Changes that Redis told this server.")
        changesOwed = counter("changes_owed", "Changes that could not be told to Redis at once.")
        changesDropped = counter("changes_dropped", "Changes that were never told: too many were owed.")
        coherent = gauge("coherent", "1 while what is kept in memory is vouched for.")
        coherenceLost = counter("coherence_lost", "Times that the channel of changes was lost.")
        memoryBytes = gauge("memory_bytes", "Bytes kept in memory.")
        memoryEntries = gauge("memory_entries", "Entries kept in memory.")
        warmed = counter("warmed", "Entries brought in by warming up.")
        results = Layer.allCases.flatMap { layer in
            Result.allCases.map { result in
                registry.family(
                    "marketplace_cache_requests_total", "Look-ups in the cache by layer and result.", .counter,
                    labels: ["layer", "result"]
                ).metric([layer.rawValue, result.rawValue]) { Counter() }
            }
        }
        durations = Layer.allCases.map { layer in
            registry.family(
                "marketplace_cache_duration_seconds", "Look-ups in the cache by layer; of memory one in 64.",
                .histogram, labels: ["layer"]
            ).metric([layer.rawValue]) { DurationHistogram() }
        }
    }

    func result(_ layer: Layer, _ result: Result) -> Counter {
        let place = layer == .memory ? 0 : 1
        return results[place * Result.allCases.count + (Result.allCases.firstIndex(of: result) ?? 0)]
    }

    func duration(_ layer: Layer) -> DurationHistogram {
        durations[layer == .memory ? 0 : 1]
    }
}
