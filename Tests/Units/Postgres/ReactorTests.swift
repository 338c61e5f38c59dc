import Synchronization
import Testing

@testable import Postgres

@Suite("Postgres: the reactor", .timeLimit(.minutes(1)))
struct ReactorTests {
    /// Lives on a reactor and counts without a lock, which is right only if nobody else ever runs it.
    private actor Counter {
        nonisolated let reactor: Reactor
        private var value = 0
        nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }
        init(_ reactor: Reactor) { self.reactor = reactor }
        func increment() -> Int {
            reactor.checkIsolated()
            value += 1
            return value
        }
    }

    @Test("jobs of many tasks run on its thread, one at a time", arguments: PollerKind.allCases)
    func jobs(poller: PollerKind) async {
        let reactor = Reactor(name: "jobs", poller: poller)
        defer { reactor.shutdown() }
        let counter = Counter(reactor)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask { for _ in 0..<100 { _ = await counter.increment() } }
            }
        }
        #expect(await counter.increment() == 6401)
        let isOnLoop = await Task(executorPreference: reactor.taskExecutor) { reactor.isOnLoop }.value
        #expect(isOnLoop)
        #expect(!reactor.isOnLoop)
    }

    @Test("deadlines go off in order, and cancelled ones do not", arguments: PollerKind.allCases)
    func deadlines(poller: PollerKind) async {
        let reactor = Reactor(name: "deadlines", poller: poller)
        defer { reactor.shutdown() }
        let fired = Mutex<[Int]>([])
        await withCheckedContinuation { continuation in
            reactor.execute {
                let start = reactor.now
                for delay in [30, 10, 20] {
                    _ = reactor.schedule(at: start + .milliseconds(delay)) { fired.withLock { $0.append(delay) } }
                }
                let cancelled = reactor.schedule(at: start + .milliseconds(15)) { fired.withLock { $0.append(15) } }
                reactor.cancelSchedule(cancelled)
                _ = reactor.schedule(at: start + .milliseconds(40)) { continuation.resume() }
            }
        }
        #expect(fired.withLock { $0 } == [10, 20, 30])
    }

    @Test("work that comes after its end is still done", arguments: PollerKind.allCases)
    func late(poller: PollerKind) async throws {
        let reactor = Reactor(name: "late", poller: poller)
        let counter = Counter(reactor)
        _ = await counter.increment()
        reactor.shutdown()
        try await eventually("its thread has ended") { reactor.inbox.withLock { $0.isGone } }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = await counter.increment() } }
        }
        #expect(await counter.increment() == 52)
    }

    @Test("a node whose reactor ends fails its calls instead of holding them")
    func stoppedUnderNode() async throws {
        let server = try FakePostgresServer(.silent(after: 0))
        defer { server.stop() }
        let reactor = Reactor(name: "stopped")
        try await withNode(server.endpoint) { _ in }
        let node = PostgresNode(server.endpoint, reactor: reactor, logger: .init(label: "test"))
        node.start()
        try await eventually("it is connected") { await node.statistics().readConnections == 2 }
        async let call = failure { try await node.read("SELECT 1", deadline: within(.seconds(600))) }
        try await eventually("it is sent") { await node.statistics().readsInFlight == 1 }
        reactor.shutdown()
        #expect(await call?.outcome == .unknown)
        #expect(await failure { try await node.read("SELECT 1", deadline: within(.seconds(600))) }?.outcome == .notSent)
    }
}
