import Hummingbird
import HummingbirdTesting
import Postgres
import Synchronization
import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// Stopping under load: what was accepted is answered, clients are told to go, and it ends in time.
    @Suite("shutdown", .timeLimit(.minutes(3)))
    struct ShutdownTests {
        private struct Results: Sendable {
            var answered = 0
            var toldToGo = 0
            var failures: [String] = []
        }

        private final class Tally: Sendable {
            let results = Mutex(Results())
        }

        @Test("no accepted request fails while the server stops")
        func drains() async throws {
            let fleet = try await MarketplaceFleet.shared()
            let settings = fleet.settings(SettingsChange { $0.server.drain = .milliseconds(500) })
            let marketplace = try Marketplace.build(settings: settings, logSink: MarketplaceFleet.silence)
            let listening = Mutex<Int?>(nil)
            let group = marketplace.serviceGroup { port in listening.withLock { $0 = port } }
            let running = Task { try await group.run() }
            try await eventually("it listens") { listening.withLock { $0 } != nil }
            let port = try #require(listening.withLock { $0 })
            try await eventually("it is ready") { try await Self.status("/health/ready", port) == 200 }

            let tally = Tally()
            let drain = marketplace.drain
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<8 { tasks.addTask { await Self.ask(port, drain, tally) } }
                try await eventually("it is under load") { tally.results.withLock { $0.answered } > 50 }
                await group.triggerGracefulShutdown()
                try await eventually("readiness says no") {
                    guard drain.isDraining else { return false }
                    let status = try? await Self.status("/health/ready", port)
                    return status == 503
                }
                try await tasks.waitForAll()
            }
            try await running.value
            let all = tally.results.withLock { $0 }
            #expect(all.failures.isEmpty, "\(all.failures.prefix(3))")
            #expect(all.toldToGo > 0)
        }

        @Test("a process told to stop says no, lets nobody in, answers the reads under way, and ends with 0 in time")
        func process() async throws {
            let fleet = try await ShardFleet(shards: 1)
            defer { fleet.stop() }
            let store = try await fleet.serve { try await $0.makeStore() }
            let limit = Duration.seconds(30)
            let settings = [
                "READ_DEADLINE_MS": "60000", "PING_TIMEOUT_MS": "1000", "SHUTDOWN_DRAIN_MS": "2000",
                "SHUTDOWN_DEADLINE_MS": "\(limit.components.seconds * 1000)",
            ]
            let server = try MarketplaceProcess(["serve", "--port", "0"], fleet.variables.merging(settings) { $1 })
            let port = try await server.port()
            try await eventually("it is ready") { try await Self.status("/health/ready", port) == 200 }

            let start = ContinuousClock.now
            let reads = try await Self.withLockedOrders(on: fleet.shards[0]) {
                let path = "/v1/stores/\(store)/orders"
                let reads = Task { try await atOnce(2) { _ in try await Self.get(path, port) } }
                let waiting = "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'relation'"
                try await eventually("two reads wait") { try await fleet.shards[0].ask(waiting) == "2" }
                server.terminate()
                try await eventually("readiness says no") {
                    let status = try? await Self.status("/health/ready", port)
                    return status == 503
                }
                try await eventually("nobody is let in") { await !Self.isOpen(port) }
                return reads
            }
            for answer in try await reads.value {
                #expect(answer.status == .ok && answer.head.headerFields[.connection] == "close")
            }
            #expect(try await server.ended() == 0, "\(server.errors)")
            #expect(ContinuousClock.now - start < limit)
            #expect(server.logged.contains { $0["message"].string == "stopped" })
        }

        /// Does something while nobody can read orders.
        private static func withLockedOrders<Result: Sendable>(
            on server: PostgresTestServer, _ body: () async throws -> Result
        ) async throws -> Result {
            try await withNode(server.endpoint()) { node in
                try await node.transaction(deadline: within(.seconds(120))) { transaction in
                    _ = try await transaction.query("LOCK TABLE orders")
                    return try await body()
                }
            }
        }

        /// Whether connections are taken.
        private static func isOpen(_ port: Int) async -> Bool {
            let client = TestClient(host: "127.0.0.1", port: port)
            client.connect()
            let channel = try? await client.getChannel()
            try? await channel?.close()
            return channel != nil
        }

        /// Asks again and again over connections that are kept, until the server takes no more.
        private static func ask(_ port: Int, _ drain: Drain, _ tally: Tally) async {
            while true {
                let client = TestClient(host: "127.0.0.1", port: port)
                client.connect()
                // A connection that is refused was never accepted: that is how it ends.
                guard (try? await client.getChannel()) != nil else { return }
                do {
                    var isOpen = true
                    while isOpen {
                        let answer = try await client.get("/v1/stores?limit=1")
                        isOpen = answer.head.headerFields[.connection] != "close"
                        tally.results.withLock {
                            $0.answered += 1
                            $0.toldToGo += isOpen ? 0 : 1
                            if answer.status != .ok { $0.failures.append("\(answer.status)") }
                        }
                    }
                } catch {
                    // One that was closed while it was idle, or before anyone had read from it, was not accepted
                    // either.
                    if !drain.isDraining { tally.results.withLock { $0.failures.append("\(error)") } }
                }
                try? await client.shutdown()
            }
        }

        private static func status(_ path: String, _ port: Int) async throws -> Int {
            try await get(path, port).status.code
        }

        /// Over a connection of its own; as patient as the reads that have to wait.
        private static func get(_ path: String, _ port: Int) async throws -> TestClient.Response {
            try await TestClient.withClient(
                host: "127.0.0.1", port: port, configuration: .init(timeout: .seconds(60))
            ) { try await $0.get(path) }
        }
    }
}
