import AsyncHTTPClient
import SystemPackage

/// What a run measures with: one history, one sampler, one client for all experiments of a run.
public struct Instruments: Sendable {
    /// The run's time.
    public let clock: RunClock
    /// What all requests go through.
    public let client: HTTPClient
    /// Sends requests to the fleet's servers.
    public private(set) var caller: ServiceCaller
    /// Writes the history.
    public let recorder: HistoryRecorder
    /// Reads the servers' metrics and readiness.
    public let sampler: MetricsSampler
    /// How late the load generator itself was.
    public let delays: SchedulingDelays
    /// What the load is drawn from.
    public let seed: UInt64
    /// Wall clock in seconds since 1970, for what the services themselves date.
    let wallClock: @Sendable () -> Double
    /// Whether the load is sent beside a fleet's containers, which weigh far more than one session.
    var isBesideContainers = false
    /// Begins every idempotency key of the run.
    let tag: String

    /// - Parameters:
    ///   - bundle: where history and metrics are written; nil keeps them in memory.
    ///   - proxy: where the proxy's control API listens; its counters are recorded beside the services'.
    ///   - seed: decides arrivals and choices.
    /// - Throws: `Errno` when a file cannot be created.
    public init(
        services: [String: HostPort], proxy: HostPort? = nil, bundle: EvidenceBundle?, seed: UInt64,
        client: HTTPClient, environment: FleetEnvironment = .live
    ) throws {
        clock = RunClock(environment)
        self.client = client
        self.seed = seed
        caller = ServiceCaller(servers: services, client: client)
        delays = SchedulingDelays()
        recorder = try HistoryRecorder(path: bundle?.history, clock: clock)
        sampler = try MetricsSampler(
            path: bundle?.metrics, caller: caller,
            proxy: proxy.map { Self.caller(of: $0, client) }, clock: clock, delays: delays)
        wallClock = { environment.wallClock().timeIntervalSince1970 }
        tag = "k" + String(environment.random() % 0xFFFFFF, radix: 16)
    }

    private static func caller(of proxy: HostPort, _ client: HTTPClient) -> ServiceCaller {
        ServiceCaller(servers: ["proxy": proxy], client: client)
    }

    /// The same instruments for another fleet's services: one history goes on.
    func pointed(at services: [String: HostPort], proxy: HostPort) -> Instruments {
        var instruments = self
        instruments.caller = ServiceCaller(servers: services, client: client)
        sampler.point(at: instruments.caller, proxy: Self.caller(of: proxy, client))
        return instruments
    }
}
