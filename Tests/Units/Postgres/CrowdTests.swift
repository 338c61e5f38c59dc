import Postgres
import Synchronization
import Testing

@Suite("Postgres: a crowd of callers", .timeLimit(.minutes(4)))
struct CrowdTests {
    /// Counts how the callers fared.
    private final class Tally: Sendable {
        let answered = Atomic<Int>(0)
        let mixedUp = Atomic<Int>(0)
        let gone = Atomic<Int>(0)
        /// Neither cancelled nor late nor wrong, and yet without an answer.
        let forsaken = Atomic<Int>(0)
    }

    @Test(
        "10,000 callers on 4 connections, many of them cancelled or late: not one mixed-up reply",
        arguments: PollerKind.allCases)
    func crowd(poller: PollerKind) async throws {
        let server = try await PostgresTestServer.start()
        defer { server.stop() }
        var settings = PostgresSettings.patient
        settings.readConnections = 4
        settings.stallLimit = .seconds(60)
        settings.readStatementTimeout = .seconds(60)
        let tally = Tally()
        try await withNode(server.endpoint(), settings: settings, poller: poller) { node in
            _ = try await node.read("SELECT 1", deadline: within(.seconds(60)))
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<10_000 {
                    group.addTask { await self.ask(node, number, tally) }
                    if number % 7 == 3 { await Task.yield() }
                }
            }
            #expect(tally.mixedUp.load(ordering: .relaxed) == 0)
            let answered = tally.answered.load(ordering: .relaxed)
            let gone = tally.gone.load(ordering: .relaxed)
            #expect(tally.forsaken.load(ordering: .relaxed) == 0)
            #expect(answered + gone == 10_000)
            #expect(answered > 3_000, "\(answered) answered, \(gone) gone")
            #expect(gone > 500, "\(answered) answered, \(gone) gone")
            try await eventually("every slot is free again") { await node.statistics().readsInFlight == 0 }
        }
    }

    private func ask(_ node: PostgresNode, _ number: Int, _ tally: Tally) async {
        var random = SplitMix(state: UInt64(number))
        let fate = random.below(10)
        // Some ask for what fails, so that neighbours are aborted and sent again.
        let isBad = random.below(25) == 0
        let deadline = within(fate == 0 ? .milliseconds(Int(random.below(20))) : .seconds(60))
        let task = Task<Int?, Never> {
            let divisor = isBad ? 0 : 1
            let rows = try? await node.read("SELECT \(number) / \(divisor), \("\(number)")::text", deadline: deadline)
            guard let rows else { return nil }
            let pair = try? rows[0].decode(Int.self, String.self)
            return pair.map { $0.1 == String($0.0) ? $0.0 : -1 } ?? -1
        }
        if fate == 1 { task.cancel() }
        if fate == 2 {
            for _ in 0..<random.below(40) { await Task.yield() }
            task.cancel()
        }
        guard let answer = await task.value else {
            tally.gone.add(1, ordering: .relaxed)
            if fate > 2, !isBad { tally.forsaken.add(1, ordering: .relaxed) }
            return
        }
        tally.answered.add(1, ordering: .relaxed)
        if answer != number || isBad { tally.mixedUp.add(1, ordering: .relaxed) }
    }
}
