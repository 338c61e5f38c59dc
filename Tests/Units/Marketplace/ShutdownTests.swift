import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// Stopping under load: what was accepted is answered, clients are told to go, and it ends in time.
    @Suite("shutdown", .timeLimit(.minutes(2)))
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
                    // One that was closed while it was idle, or before anyone had read from it, was not accepted either.
                    if !drain.isDraining { tally.results.withLock { $0.failures.append("\(error)") } }
                }
                try? await client.shutdown()
            }
        }

        private static func status(_ path: String, _ port: Int) async throws -> Int {
            try await TestClient.withClient(host: "127.0.0.1", port: port) { try await $0.get(path).status.code }
        }
    }
}
