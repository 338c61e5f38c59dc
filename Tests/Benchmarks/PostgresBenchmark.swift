import ArgumentParser
import Logging
import Postgres

/// Primary-key selects through the client against `pgbench -S`, on the same server, in turn.
struct PostgresBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postgres", abstract: "Point reads through the client, beside pgbench -S on the same server.")

    @OptionGroup var options: RunOptions
    @Option(help: "Pipelined connections of the client.")
    var connections = 2
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

        let scale = scale
        let comparison = try await options.compare(
            "selects", least: minimumRatio,
            theirs: ("pgbench -S -M prepared -c 16 -j 2", { try server.pgbench(seconds: options.seconds) }),
            ours: (
                "PostgresNode.read, \(options.tasks) tasks, \(connections) connections",
                {
                    try await options.rate(on: reactor.taskExecutor) { task, count, now in
                        // Knuth's multiplicative hash, so that the accounts come in no order that helps.
                        let id = (task * 7919 + count) &* 2_654_435_761 % (scale * 100_000) + 1
                        let rows = try await node.read(
                            "SELECT abalance FROM pgbench_accounts WHERE aid = \(id)", deadline: now + .seconds(1))
                        guard try rows[0].value(0, as: Int.self) == 0 else { throw ValidationError("a wrong row") }
                    }
                }
            ))
        await node.shutdown()
        reactor.shutdown()
        if !comparison.isGoodEnough { throw ExitCode(1) }
    }
}
