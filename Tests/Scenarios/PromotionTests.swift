import Chaos
import Testing

extension Scenarios {
    /// Row "primary killed, replica promoted".
    @Suite struct PromotionTests {
        @Test("writes go on after a promotion, and what it cost is counted", arguments: await Scenarios.runtimes())
        func asynchronous(runtime: RuntimeKind) async throws { try await promote(.counted, runtime) }

        @Test("a durable shard loses nothing by a promotion", arguments: await Scenarios.runtimes())
        func durable(runtime: RuntimeKind) async throws { try await promote(.durable, runtime) }

        private func promote(_ mode: AcknowledgedWrites.Mode, _ runtime: RuntimeKind) async throws {
            let checks: [any Checker] = [
                Unaffected(Selection(.reads)), WritesResume(Selection(.orders, .group("shard-0")), within: .seconds(5)),
                Unaffected(Selection(.orders, .otherThan("shard-0"))), AcknowledgedWrites(mode), NoDoubleOrder(),
                StockConservation(), Recovers(),
            ]
            try await Scenarios.lose(
                .promote(after: .milliseconds(1_500)), on: "shard-0", under: Scenarios.sessions, runtime,
                durable: mode == .durable, checks + Scenarios.guarantees)
        }
    }
}
