import Chaos
import Testing

extension Scenarios {
    /// Rows "a whole shard down" and "`central` down".
    @Suite struct ShardTests {
        private static let load = Scenarios.load.and(.lists(rate: 25))

        @Test("the other shard does not notice, and lists say what is missing", arguments: await Scenarios.runtimes())
        func shard(runtime: RuntimeKind) async throws {
            let (down, other) = (Selection.Area.group("shard-1"), Selection.Area.otherThan("shard-1"))
            let checks: [any Checker] = [
                Unaffected(Selection(.reads, other)), Unaffected(Selection(.orders, other)),
                CachedOrRefused(Selection(.reads, down), age: .seconds(126)), FailFast(Selection(.orders, down)),
                PartialLists(shard: "shard-1"), BreakerOpens(dependency: "shard-1-primary"),
            ]
            try await Scenarios.lose(.kill, on: "shard-1", under: Self.load, runtime, checks + Scenarios.invariants)
        }

        @Test("nobody needs the central database to find a store", arguments: await Scenarios.runtimes())
        func central(runtime: RuntimeKind) async throws {
            let checks: [any Checker] = [
                Unaffected(Selection(.reads)), Unaffected(Selection(.lists)), Unaffected(Selection(.orders)),
            ]
            try await Scenarios.lose(.kill, on: "central", under: Self.load, runtime, checks + Scenarios.invariants)
        }
    }
}
