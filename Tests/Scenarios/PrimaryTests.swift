import Chaos
import Testing

extension Scenarios {
    /// Row "a shard's primary killed or paused".
    @Suite struct PrimaryTests {
        @Test("without its primary a shard reads on and refuses orders at once", arguments: await Scenarios.runtimes())
        func killed(runtime: RuntimeKind) async throws { try await lose(.kill, runtime) }

        @Test("a paused primary leaves nothing hanging", arguments: await Scenarios.runtimes())
        func paused(runtime: RuntimeKind) async throws { try await lose(.pause, runtime) }

        @Test("what no replica has is refused to those who have seen it", arguments: await Scenarios.runtimes())
        func unseen(runtime: RuntimeKind) async throws {
            let shard = Selection.Area.group("shard-0")
            // What orders and other reads are promised without a primary, the other two look at. When this one comes
            // back, replicas that are too old leave rotation at once, and reads wait for it.
            let checks: [any Checker] = [
                TokensRefused(.consistencyUnavailable, in: shard), MarkedDegraded(Selection(.reads, shard)),
            ]
            try await Scenarios.expect(on: runtime, checks + Scenarios.guarantees + Scenarios.invariants) {
                let fleet = Fleet.current
                return try await fleet.workload(Scenarios.sessions).during(Scenarios.phases) {
                    try await fleet.with(.replayPause, on: "shard-0-replica-*") {
                        try await fleet.settle(for: .seconds(1))
                        try await fleet.with(.kill, on: "shard-0-primary") { try await fleet.settle(for: .seconds(7)) }
                    }
                }
            }
        }

        private func lose(_ fault: Fault, _ runtime: RuntimeKind) async throws {
            let shard = Selection.Area.group("shard-0")
            let checks: [any Checker] = [
                Unaffected(Selection(.reads)), ServedBy(Selection(.reads), by: .healthy, duringFault: true),
                MarkedDegraded(Selection(.reads, shard)), FailFast(Selection(.orders, shard)),
                Unaffected(Selection(.orders, .otherThan("shard-0"))), BreakerOpens(dependency: "shard-0-primary"),
            ]
            try await Scenarios.expect(on: runtime, checks + Scenarios.invariants) {
                let fleet = Fleet.current
                return try await fleet.workload(Scenarios.load).during(Scenarios.phases) {
                    try await fleet.with(fault, on: "shard-0-primary") { try await fleet.settle(for: .seconds(7)) }
                }
            }
        }
    }
}
