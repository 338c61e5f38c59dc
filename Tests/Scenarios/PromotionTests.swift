import Chaos
import Testing

extension Scenarios {
    /// Row "primary killed, replica promoted".
    @Suite struct PromotionTests {
        private static let promotion = Fault.promote(after: .milliseconds(1_500))

        /// Each of them is told once that its history is lost, and begins anew.
        private static let manySessions = Scenarios.load.and(.session(rate: 60, sessions: 60))

        /// The contract grants writes five seconds; servers find the new primary within one.
        private static let resumption: [any Checker] = [
            WritesResume(Selection(.orders, .group("shard-0")), within: .seconds(1)), NoDoubleOrder(),
            StockConservation(), Recovers(),
        ]

        @Test("a durable shard loses nothing by a promotion", arguments: await Scenarios.runtimes())
        func durable(runtime: RuntimeKind) async throws {
            let checks: [any Checker] = [
                Unaffected(Selection(.reads)), Unaffected(Selection(.orders, .otherThan("shard-0"))),
                AcknowledgedWrites(.durable),
            ]
            try await Scenarios.lose(
                Self.promotion, on: "shard-0", under: Scenarios.sessions, runtime, durable: true,
                checks + Self.resumption + Scenarios.guarantees)
        }

        @Test(
            "what a promotion costs is counted, and told to those who had seen it",
            arguments: await Scenarios.runtimes())
        func lossy(runtime: RuntimeKind) async throws {
            let checks: [any Checker] = [
                TokensRefused(.historyLost, in: .group("shard-0"), detect: .zero), NoErrors(Selection(.reads)),
                AcknowledgedWrites(.counted),
            ]
            try await Scenarios.expect(
                on: runtime, spendsFleet: true, checks + Self.resumption + Scenarios.guarantees
            ) {
                let fleet = Fleet.current
                return try await fleet.workload(Self.manySessions).during(Scenarios.phases) {
                    // What the primary acknowledges from here on, no replica has.
                    try await fleet.with(.partition, on: "shard-0-replica-0:shard-0-primary") {
                        try await fleet.with(.partition, on: "shard-0-replica-1:shard-0-primary") {
                            try await fleet.settle(for: .seconds(1))
                            try await fleet.with(Self.promotion, on: "shard-0") {
                                try await fleet.settle(for: .seconds(6))
                            }
                        }
                    }
                }
            }
        }
    }
}
