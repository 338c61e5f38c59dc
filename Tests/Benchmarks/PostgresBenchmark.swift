import ArgumentParser
import Logging
import Postgres

/// Primary-key selects through the client against `pgbench -S`, on the same server, in turn.
struct PostgresBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postgres", abstract: "Point reads through the client, beside pgbench -S on the same server.")

    @Option(help: "Tasks that each wait for their row before they ask again.")
    var tasks = 64
    @Option(help: "Pipelined connections of the client.")
    var connections = 2
    @Option(help: "Seconds of each run.")
    var seconds = 3
    @Option(help: "Runs of each; the median counts.")
    var runs = 3
    @Option(help: "pgbench's scale: each is 100,000 accounts.")
    var scale = 5
    @Option(help: "The least ratio that passes; the exit status is 1 below it.")
    var minimumRatio = 2.0

    func run() async throws {
        let server = try BenchmarkPostgresServer(scale: scale)
        defer { server.stop() }
        let reactor = Reactor(name: "benchmark")
        var settings = PostgresSettings()
        settings.readConnections = connections
        let endpoint = PostgresEndpoint(
            name: "benchmark", host: server.directory, user: "postgres", database: "postgres")
        let node = PostgresNode(endpoint, settings: settings, reactor: reactor, logger: Logger(label: "benchmark"))
        node.start()

        var theirs: [Double] = []
        var ours: [Double] = []
        for _ in 0..<runs {
            theirs.append(try server.pgbench(seconds: seconds))
            ours.append(try await measure(node))
        }
        await node.shutdown()
        reactor.shutdown()
        let ratio = median(ours) / median(theirs)
        print("pgbench -S -M prepared -c 16 -j 2: \(Int(median(theirs))) selects/s")
        print("PostgresNode.read, \(tasks) tasks, \(connections) connections: \(Int(median(ours))) selects/s")
        print("ratio: \((ratio * 100).rounded() / 100) (at least \(minimumRatio))")
        if ratio < minimumRatio { throw ExitCode(1) }
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    /// Rows a second, every one with a deadline and read out.
    private func measure(_ node: PostgresNode) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        let accounts = scale * 100_000
        let rows = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var count = 0
                    // Knuth's multiplicative step, so that the accounts come in no order that helps.
                    var account = task * 7919
                    var now = clock.now
                    while now < end {
                        account = (account &* 2_654_435_761 &+ 1) & 0xFFFF_FFFF
                        let id = account % accounts + 1
                        let rows = try await node.read(
                            "SELECT abalance FROM pgbench_accounts WHERE aid = \(id)", deadline: now + .seconds(1))
                        guard try rows[0].value(0, as: Int.self) == 0 else { throw ValidationError("a wrong row") }
                        count += 1
                        now = clock.now
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let elapsed = clock.now - start
        return Double(rows) / (elapsed / .seconds(1))
    }
}
