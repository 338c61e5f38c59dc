import Chaos
import Testing

extension Scenarios {
    /// Row "one replica paused".
    @Suite struct ReplicaTests {
        @Test("a paused replica is noticed once and never felt", arguments: await Scenarios.runtimes())
        func paused(runtime: RuntimeKind) async throws {
            let checks: [any Checker] = [
                Unaffected(Selection(.reads)), Unaffected(Selection(.orders)),
                ServedBy(Selection(.reads), by: .replicas), ServedBy(Selection(.orders), by: .primary),
                ServedBy(Selection(.reads), by: .healthy, duringFault: true),
                BreakerOpens(dependency: "shard-0-replica-0"),
            ]
            try await Scenarios.expect(on: runtime, checks + Scenarios.invariants) {
                let fleet = Fleet.current
                return try await fleet.workload(Scenarios.load).during {
                    try await fleet.with(.pause, on: "shard-0-replica-0") { try await fleet.settle(for: .seconds(7)) }
                }
            }
        }
    }
}
