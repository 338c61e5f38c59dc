import Chaos
import Testing

extension Scenarios {
    /// The rows of replicas: one killed, one paused, one that does not replay, all of a shard down.
    @Suite struct ReplicaTests {
        private static let unfelt: [any Checker] = [Unaffected(Selection(.reads)), Unaffected(Selection(.orders))]

        @Test("a killed replica costs no read", arguments: await Scenarios.runtimes())
        func killed(runtime: RuntimeKind) async throws {
            let checks: [any Checker] = [
                ServedBy(Selection(.reads), by: .healthy, duringFault: true),
                BreakerOpens(dependency: "shard-0-replica-0"),
            ]
            try await Scenarios.lose(
                .kill, on: "shard-0-replica-0", under: Scenarios.sessions, runtime,
                Self.unfelt + checks + Scenarios.guarantees + Scenarios.invariants)
        }

        @Test("a paused replica is noticed once and never felt", arguments: await Scenarios.runtimes())
        func paused(runtime: RuntimeKind) async throws {
            let checks: [any Checker] = [
                ServedBy(Selection(.reads), by: .replicas), ServedBy(Selection(.orders), by: .primary),
                ServedBy(Selection(.reads), by: .healthy, duringFault: true),
                BreakerOpens(dependency: "shard-0-replica-0"),
            ]
            try await Scenarios.lose(
                .pause, on: "shard-0-replica-0", for: .seconds(10), runtime, Self.unfelt + checks + Scenarios.invariants
            )
        }

        @Test("a replica that does not replay makes nobody read too old", arguments: await Scenarios.runtimes())
        func replayPaused(runtime: RuntimeKind) async throws {
            let checks: [any Checker] = [
                StaleBound(bound: .seconds(2), detect: .seconds(1)), Unaffected(Selection(.sessions)),
                LagShown(node: "shard-0-replica-0"),
            ]
            // Sessions change much and often: only what changes in the two seconds before it is noticed can be missed.
            let load = Workload.browse(rate: 70).and(.order(rate: 60, doubleClick: 0.05))
                .and(.session(rate: 80, sessions: 20))
            try await Scenarios.lose(
                .replayPause, on: "shard-0-replica-0", for: .seconds(7), under: load, runtime,
                Self.unfelt + checks + Scenarios.guarantees + Scenarios.invariants)
        }

        @Test("without replicas the primary serves", arguments: await Scenarios.runtimes())
        func allKilled(runtime: RuntimeKind) async throws {
            let checks: [any Checker] = [
                ServedBy(Selection(.reads), by: .healthy, duringFault: true),
                BreakerOpens(dependency: "shard-0-replica-1"),
            ]
            try await Scenarios.lose(
                .kill, on: "shard-0-replica-*", under: Scenarios.sessions, runtime,
                Self.unfelt + checks + Scenarios.guarantees + Scenarios.invariants)
        }

        @Test("without replicas a durable shard refuses writes at once", arguments: await Scenarios.runtimes())
        func allKilledDurable(runtime: RuntimeKind) async throws {
            let shard = Selection.Area.group("shard-0")
            let checks: [any Checker] = [
                Unaffected(Selection(.reads)), FailFast(Selection(.orders, shard)),
                Unaffected(Selection(.orders, .otherThan("shard-0"))),
            ]
            try await Scenarios.lose(
                .kill, on: "shard-0-replica-*", runtime, durable: true, checks + Scenarios.invariants)
        }
    }
}
