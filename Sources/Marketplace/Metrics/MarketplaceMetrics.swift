import Resilience

/// The metrics of one server, by the names that dashboards and experiments rely on.
public struct MarketplaceMetrics: Sendable {
    /// Where all of them are found by name.
    public let registry: MetricsRegistry

    /// Orders answered again for a key that was used before.
    public let idempotentHits: Counter
    /// Requests refused because something was changed by someone else.
    public let conflicts: Counter
    /// Requests that ended with a server's error.
    public let errors: Counter
    /// All requests.
    public let requests: Counter
    /// Calls refused by an open breaker.
    public let breakerOpen: Counter
    /// Calls refused by a full bulkhead.
    public let shed: Counter
    /// Attempts after the first, of reads and writes.
    public let retries: Counter
    /// Lines that were not logged because the reader of the log was too slow.
    public let droppedLogLines: Counter
    /// Calls sent on to the shard that a store has moved to.
    public let redirects: Counter
    /// Times that a write waited for a store that was being cut over.
    public let freezeWaits: Counter
    /// The version of the shard map that this server goes by.
    public let shardMapVersion: Gauge
    /// Requests that are being answered.
    public let requestsInFlight: Level
    /// What the cache does.
    let cache: CacheMetrics

    /// Registers every metric of the server.
    public init(registry: MetricsRegistry = MetricsRegistry()) {
        self.registry = registry
        func counter(_ name: String, _ help: String) -> Counter {
            registry.family("marketplace_\(name)_total", help, .counter, labels: []).metric([]) { Counter() }
        }
        requests = counter("requests", "Requests answered.")
        errors = counter("errors", "Requests answered with a 5xx.")
        conflicts = counter("conflicts", "Requests answered with 409 or 412.")
        idempotentHits = counter("idempotent_hits", "Orders replayed for their Idempotency-Key.")
        breakerOpen = counter("breaker_open", "Calls refused by an open breaker.")
        shed = counter("shed", "Calls refused because too many were under way.")
        retries = counter("retries", "Attempts after the first.")
        droppedLogLines = counter("log_lines_dropped", "Log lines dropped because their reader was too slow.")
        redirects = counter("store_redirects", "Calls sent on to the shard that a store has moved to.")
        freezeWaits = counter("store_freeze_waits", "Waits of writes for a store that was being cut over.")
        shardMapVersion = registry.family(
            "marketplace_shard_map_version", "The shard map that this server goes by.", .gauge, labels: []
        ).metric([]) { Gauge() }
        requestsInFlight = registry.family(
            "marketplace_http_requests_in_flight", "Requests being answered.", .gauge, labels: []
        ).metric([]) { Level() }
        cache = CacheMetrics(registry)
    }

    /// How one route answers.
    func http(route: String, method: String, status: Int) -> Counter {
        registry.family(
            "marketplace_http_requests_total", "Requests by route, method and status.", .counter,
            labels: ["route", "method", "status"]
        ).metric([route, method, String(status)]) { Counter() }
    }

    func httpDuration(route: String, method: String) -> DurationHistogram {
        registry.family(
            "marketplace_http_request_duration_seconds", "From the request's head to its answer.", .histogram,
            labels: ["route", "method"]
        ).metric([route, method]) { DurationHistogram() }
    }

    func hedged(_ result: HedgeResult) -> Counter {
        registry.family(
            "marketplace_hedged_reads_total",
            "Second requests of slow reads: sent, won (the second was first), refused (by the budget).", .counter,
            labels: ["result"]
        ).metric([result.rawValue]) { Counter() }
    }

    func replicaAge(node: String) -> Gauge {
        registry.family(
            "marketplace_replica_age_seconds", "Age of a node's data by samples of its primary; 0 for the primary.",
            .gauge, labels: ["node"]
        ).metric([node]) { Gauge() }
    }

    /// Everything about one dependency.
    func dependency(_ name: String) -> DependencyMetrics {
        DependencyMetrics(name, registry)
    }
}

/// What became of a read that took long.
enum HedgeResult: String, Sendable, CaseIterable {
    case sent, won, refused
}

/// The metrics of one dependency, looked up once.
struct DependencyMetrics: Sendable {
    let ok, failed, unknown, notSent, refused: Counter
    let reads, writes, opened: Counter
    let state: Gauge
    let duration: DurationHistogram

    init(_ name: String, _ registry: MetricsRegistry) {
        func calls(_ outcome: String) -> Counter {
            registry.family(
                "marketplace_dependency_calls_total", "Calls by outcome; refused: turned away by breaker or bulkhead.",
                .counter, labels: ["dependency", "outcome"]
            ).metric([name, outcome]) { Counter() }
        }
        func node(_ kind: String) -> Counter {
            registry.family("marketplace_\(kind)_total", "Answered \(kind) by node.", .counter, labels: ["node"])
                .metric([name]) { Counter() }
        }
        ok = calls("ok")
        failed = calls("failed")
        unknown = calls("unknown")
        notSent = calls("not_sent")
        refused = calls("refused")
        reads = node("reads")
        writes = node("writes")
        opened = registry.family(
            "marketplace_breaker_opened_total", "Times that a breaker opened.", .counter, labels: ["dependency"]
        ).metric([name]) { Counter() }
        state = registry.family(
            "marketplace_breaker_state", "0 closed, 1 half-open, 2 open.", .gauge, labels: ["dependency"]
        ).metric([name]) { Gauge() }
        duration = registry.family(
            "marketplace_dependency_duration_seconds", "Duration of calls that were made.", .histogram,
            labels: ["dependency"]
        ).metric([name]) { DurationHistogram() }
    }

    func show(_ phase: CircuitBreakerPhase) {
        switch phase {
        case .closed: state.set(0)
        case .halfOpen: state.set(1)
        case .open: state.set(2)
        }
    }
}
