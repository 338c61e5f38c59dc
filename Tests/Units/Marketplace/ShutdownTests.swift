import AsyncHTTPClient
import NIOCore
import Synchronization
import Testing

@testable import Marketplace

/// Stopping under load: what was accepted is answered, clients are told to go, and it ends in time.
@Suite("shutdown", .timeLimit(.minutes(2)))
struct ShutdownTests {
    @Test("no accepted request fails while the server stops")
    func drains() async throws {
        let fleet = try await MarketplaceFleet.shared()
        let settings = fleet.settings { $0.server.drain = .milliseconds(500) }
        let marketplace = try Marketplace.build(settings: settings, logSink: MarketplaceFleet.silence)
        let listening = Mutex<Int?>(nil)
        let group = marketplace.serviceGroup { port in listening.withLock { $0 = port } }
        let running = Task { try await group.run() }
        try await eventually("it listens") { listening.withLock { $0 } != nil }
        let base = "http://127.0.0.1:\(try #require(listening.withLock { $0 }))"
        try await eventually("it is ready") {
            try await HTTPClient.shared.execute(.init(url: base + "/health/ready"), timeout: .seconds(5)).status == .ok
        }

        // Answered while it serves, told to go while it drains, refused once it is gone; never an error in between.
        let results = Mutex<(ok: Int, closing: Int, failed: [String])>((0, 0, []))
        let isOver = Mutex(false)
        async let load: Void = withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<8 {
                tasks.addTask {
                    while !isOver.withLock({ $0 }) {
                        do {
                            let answer = try await HTTPClient.shared.execute(
                                .init(url: base + "/v1/stores?limit=1"), timeout: .seconds(10))
                            _ = try await answer.body.collect(upTo: 1 << 20)
                            results.withLock {
                                if answer.status != .ok { $0.failed.append("\(answer.status)") }
                                $0.ok += 1
                                if answer.headers.first(name: "Connection") == "close" { $0.closing += 1 }
                            }
                        } catch {
                            // A connection that was never accepted.
                            if isOver.withLock({ $0 }) == false, !marketplace.drain.isDraining {
                                results.withLock { $0.failed.append("\(error)") }
                            }
                        }
                    }
                }
            }
        }
        try await eventually("it is under load") { results.withLock { $0.ok } > 50 }
        await group.triggerGracefulShutdown()
        try await eventually("readiness says no") {
            let client = try? await HTTPClient.shared.execute(.init(url: base + "/health/ready"), timeout: .seconds(5))
            return client?.status == .serviceUnavailable
        }
        try await running.value
        isOver.withLock { $0 = true }
        await load
        let (failed, closing) = results.withLock { ($0.failed, $0.closing) }
        #expect(failed.isEmpty, "\(failed.prefix(3))")
        #expect(closing > 0)
    }
}
