import Chaos
import Testing

extension Scenarios {
    /// Row "`cache` killed, paused or slow".
    @Suite struct CacheTests {
        @Test("reads survive the loss of the cache", arguments: await Scenarios.runtimes())
        func killed(runtime: RuntimeKind) async throws { try await lose(.kill, on: "cache", runtime) }

        @Test("a paused cache is asked for 30 ms, and then no more", arguments: await Scenarios.runtimes())
        func paused(runtime: RuntimeKind) async throws {
            try await lose(.pause, on: "cache", runtime, and: [BreakerOpens(dependency: "cache")])
        }

        @Test("a slow cache is given up, and slows nothing down", arguments: await Scenarios.runtimes())
        func slow(runtime: RuntimeKind) async throws {
            try await lose(
                .latency(.milliseconds(300)), on: "*:cache", runtime, and: [BreakerOpens(dependency: "cache")])
        }

        private func lose(
            _ fault: Fault, on target: String, _ runtime: RuntimeKind, and more: [any Checker] = []
        ) async throws {
            let checks: [any Checker] = [
                NoErrors(Selection(.reads)), LatencyLimit(Selection(.reads), limit: .milliseconds(100)),
                Unaffected(Selection(.orders)),
            ]
            try await Scenarios.lose(fault, on: target, runtime, checks + more + Scenarios.invariants)
        }
    }
}
