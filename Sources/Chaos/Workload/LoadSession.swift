import Synchronization

/// One workload against one fleet, from the first arrival until the last order is settled.
public final class LoadSession: Sendable {
    /// What is being sent.
    public let workload: Workload
    /// What it is sent to.
    public let catalogue: Catalogue
    let caller: ServiceCaller
    let recorder: HistoryRecorder
    let clock: RunClock
    let processes: ProcessPool
    let delays: SchedulingDelays
    let seed: UInt64
    /// Begins every idempotency key, so that no two sessions share one.
    let tag: String
    /// The clients that carry a consistency token.
    let desk: SessionDesk
    private let state = Mutex(State())

    private struct State {
        /// When arrivals end, in the run's nanoseconds.
        var stop: Int64 = .max
        var droppedArrivals = 0
    }

    /// Requests outstanding at once, orders between their retries included.
    public static let maximumOutstanding = 1_000
    /// How long after the last arrival orders may still be retried.
    public static let settlingTime = Duration.seconds(5)

    /// Makes a session that has not started.
    public init(
        _ workload: Workload, catalogue: Catalogue, caller: ServiceCaller, recorder: HistoryRecorder,
        delays: SchedulingDelays, seed: UInt64, tag: String
    ) {
        self.workload = workload
        self.catalogue = catalogue
        self.caller = caller
        self.recorder = recorder
        self.clock = recorder.clock
        self.delays = delays
        self.seed = seed
        self.tag = tag
        processes = ProcessPool(limit: Self.maximumOutstanding)
        desk = SessionDesk(SessionPlan.all(workload.sessionCount, in: catalogue))
    }

    /// Arrivals that were never sent because too many requests were outstanding.
    public var droppedArrivals: Int { state.withLock { $0.droppedArrivals } }

    /// When retries end, in the run's nanoseconds.
    var settlingEnd: Int64 {
        let stop = state.withLock { $0.stop }
        return stop == .max ? .max : stop + Self.settlingTime.nanoseconds
    }

    /// Lets no more requests arrive; ``run()`` returns once those under way are settled.
    public func stop() { state.withLock { $0.stop = min($0.stop, clock.now()) } }

    /// Sends the workload until ``stop()`` and returns when every request has ended.
    public func run() async {
        let start = clock.now()
        await withDiscardingTaskGroup { group in
            for (number, part) in workload.parts.enumerated() where part.rate > 0 {
                group.addTask {
                    await self.send(part, start: start, random: SeededRandom(seed: self.seed).derived("part \(number)"))
                }
            }
        }
    }

    private func send(_ part: Workload.Part, start: Int64, random: SeededRandom) async {
        var schedule = ArrivalSchedule(rate: part.rate, start: start, random: random.derived("arrivals"))
        var random = random.derived("choices")
        var browsing = BrowsePlan(catalogue: catalogue, random: &random)
        var sequence = 0
        await withDiscardingTaskGroup { group in
            while true {
                let due = schedule.next()
                do { try await clock.pause(until: due) } catch { return }
                guard due < state.withLock({ $0.stop }) else { return }
                sequence += 1
                guard let process = processes.take() else {
                    state.withLock { $0.droppedArrivals += 1 }
                    continue
                }
                let server = sequence
                switch part {
                case .browse:
                    let read = browsing.next(&random)
                    group.addTask { await self.browse(read, due: due, process: process, server: server) }
                case .order(_, let share, let timeout):
                    let isDouble = Double(random.next() >> 11) * 0x1p-53 < share
                    let order = OrderPlan(
                        catalogue: catalogue, key: "\(tag)-\(sequence)", isDoubleClicked: isDouble, timeout: timeout,
                        server: server, random: &random)
                    group.addTask { await self.place(order, due: due, process: process) }
                case .session:
                    // Either server, whichever it was before: a session is the token's, no server's.
                    let server = Int.random(in: 0..<caller.servers.count, using: &random)
                    group.addTask { await self.step(of: self.desk, due: due, process: process, server: server) }
                case .lists:
                    let number = sequence
                    group.addTask { await self.list(number: number, due: due, process: process) }
                }
            }
        }
    }
}
