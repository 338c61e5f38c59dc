import Synchronization
import SystemPackage

/// Looks at every server while the load runs: readiness and breakers often, counters now and then, and how late the
/// load generator itself is. Everything goes to `metrics.jsonl` as it comes.
public final class MetricsSampler: Sendable {
    /// From one look at readiness to the next.
    public static let readinessInterval = Duration.milliseconds(100)
    /// From one reading of the generator's worst delay to the next: what is held up is left out by these pieces.
    public static let delayInterval = Duration.milliseconds(100)
    /// From one reading of the counters to the next.
    public static let countersInterval = Duration.milliseconds(500)
    /// A server that does not answer a look in this time is noted as unreachable.
    static let lookTimeout = Duration.milliseconds(400)
    /// Series that are kept; the others belong to nobody here.
    static let prefixes = [
        "marketplace_dependency_calls_total", "marketplace_reads_total", "marketplace_writes_total",
        "marketplace_cache_requests_total", "marketplace_breaker_state",
    ]
    /// Of the proxy's series, what says how often something was asked through a link.
    static let proxyPrefixes = [
        "seaworthy_proxy_chunks_total{direction=\"upstream\"", "seaworthy_proxy_upstream_refusals_total",
    ]

    private let clock: RunClock
    private let delays: SchedulingDelays
    private let state: Mutex<State>

    private struct State {
        var caller: ServiceCaller
        var proxy: ServiceCaller?
        var samples: [MetricsSample] = []
        var file: FileDescriptor?
        var failure: Errno?
    }

    /// More samples than this are not kept.
    public static let maximumSamples = 500_000

    /// - Parameter proxy: calls the proxy's control API, whose counters know the links of services that count nothing.
    /// - Throws: `Errno` when the file cannot be created.
    public init(
        path: FilePath?, caller: ServiceCaller, proxy: ServiceCaller? = nil, clock: RunClock, delays: SchedulingDelays
    ) throws {
        self.clock = clock
        self.delays = delays
        let file = try path.map {
            try FileDescriptor.open(
                $0, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite, .groupRead])
        }
        state = Mutex(State(caller: caller, proxy: proxy, file: file))
    }

    private var caller: ServiceCaller { state.withLock { $0.caller } }

    /// Looks at other servers from now on; not while it runs.
    func point(at caller: ServiceCaller, proxy: ServiceCaller?) {
        state.withLock { state in
            state.caller = caller
            state.proxy = proxy
        }
    }

    /// The samples of this stretch of the run.
    public func samples(from start: Int64 = 0) -> [MetricsSample] {
        state.withLock { $0.samples.filter { $0.time >= start } }
    }

    /// Looks until the task is cancelled.
    public func run() async {
        let caller = caller
        await withDiscardingTaskGroup { group in
            for index in caller.servers.indices {
                group.addTask { await self.repeatedly(Self.readinessInterval) { await self.readiness(of: index) } }
                group.addTask { await self.repeatedly(Self.countersInterval) { await self.counters(of: index) } }
            }
            group.addTask {
                await self.repeatedly(Self.delayInterval) {
                    self.keep(
                        .init(
                            time: self.clock.now(), source: "generator", content: .schedulingDelay(self.delays.take())))
                }
            }
        }
    }

    /// One look at every server's counters now, so that a stretch of the run has a sample at each end.
    public func lookAtCounters() async {
        await withDiscardingTaskGroup { group in
            for index in caller.servers.indices { group.addTask { await self.counters(of: index) } }
            group.addTask { await self.proxyCounters() }
        }
    }

    /// Closes the file.
    /// - Throws: the first `Errno` that a write met.
    public func close() throws {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            try state.file?.close()
            state.file = nil
        }
    }

    private func repeatedly(_ interval: Duration, _ look: () async -> Void) async {
        while !Task.isCancelled {
            let next = clock.now() + interval.nanoseconds
            await look()
            do { try await clock.pause(until: next) } catch { return }
        }
    }

    private func readiness(of index: Int) async {
        let result = await caller.call(
            ServiceCaller.Request(.GET, "/health/ready"), server: index, timeout: Self.lookTimeout)
        // The state is as old as the answer, so its time is when the answer came.
        keep(MetricsSample(time: clock.now(), source: caller.servers[index].name, content: Self.readiness(result)))
    }

    static func readiness(_ result: ServiceCaller.Result) -> MetricsSample.Content {
        switch result {
        case .reply(let reply):
            guard let json = reply.json, let ready = json["ready"]?.bool else {
                return .unreachable("status \(reply.status) without readiness")
            }
            return .readiness(
                ready: ready, breakers: (json["breakers"]?.object ?? [:]).compactMapValues(\.string),
                replicas: (json["replicas"]?.object ?? [:]).compactMapValues(\.double))
        case .notSent(let reason), .unanswered(let reason): return .unreachable(reason)
        }
    }

    private func counters(of index: Int) async { await counters(caller, index, Self.prefixes) }

    /// Only at the ends of a stretch: a mesh of links has many series, and reading them takes the load generator's
    /// time.
    private func proxyCounters() async {
        if let proxy = state.withLock({ $0.proxy }) { await counters(proxy, 0, Self.proxyPrefixes) }
    }

    private func counters(_ caller: ServiceCaller, _ index: Int, _ prefixes: [String]) async {
        let result = await caller.call(
            ServiceCaller.Request(.GET, "/metrics"), server: index, timeout: Self.lookTimeout)
        guard !Task.isCancelled else { return }
        let content: MetricsSample.Content
        switch result {
        case .reply(let reply) where reply.status == 200:
            let text = String(decoding: reply.body, as: UTF8.self)
            content = .counters(PrometheusText.parse(text, prefixes: prefixes))
        case .reply(let reply): content = .unreachable("/metrics: status \(reply.status)")
        case .notSent(let reason), .unanswered(let reason): content = .unreachable("/metrics: \(reason)")
        }
        keep(MetricsSample(time: clock.now(), source: caller.servers[index].name, content: content))
    }

    private func keep(_ sample: MetricsSample) {
        state.withLock { state in
            guard state.samples.count < Self.maximumSamples else { return }
            state.samples.append(sample)
            guard let file = state.file, state.failure == nil else { return }
            var writer = JSONWriter()
            writer.write(sample.json)
            writer.newline()
            do { try file.writeAll(writer.bytes) } catch { state.failure = error as? Errno ?? .ioError }
        }
    }
}
