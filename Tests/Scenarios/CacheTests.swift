import Chaos
import Testing

extension Scenarios {
    /// Row "`cache` killed, paused or slow".
    @Suite struct CacheTests {
        @Test("reads survive the loss of the cache", arguments: await Scenarios.runtimes())
        func killed(runtime: RuntimeKind) async throws { try await lose(.kill, on: "cache", runtime) }

        @Test("a slow cache slows nothing down", arguments: await Scenarios.runtimes())
        func slow(runtime: RuntimeKind) async throws {
            try await lose(.latency(.milliseconds(300)), on: "*:cache", runtime)
        }

        private func lose(_ fault: Fault, on target: String, _ runtime: RuntimeKind) async throws {
            let checks: [any Checker] = [
                NoErrors(Selection(.reads)), LatencyLimit(Selection(.reads), limit: .milliseconds(100)),
                Unaffected(Selection(.orders)),
            ]
            try await Scenarios.expect(on: runtime, checks + Scenarios.invariants) {
                let fleet = Fleet.current
                return try await fleet.workload(Scenarios.load).during {
                    try await fleet.with(fault, on: target) { try await fleet.settle(for: .seconds(7)) }
                }
            }
        }
    }
}
