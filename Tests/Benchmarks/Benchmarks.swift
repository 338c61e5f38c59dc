import ArgumentParser

@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the drivers against the tools their servers come with.",
        subcommands: [
            AllBenchmarks.self, PostgresBenchmark.self, RedisBenchmark.self, RouterBenchmark.self,
            MemoryBenchmark.self,
        ],
        defaultSubcommand: AllBenchmarks.self)
}

/// One after the other; a ratio that is too low does not keep the next from being measured.
struct AllBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all", abstract: "Every benchmark in turn, as `make bench` runs them.")

    func run() async throws {
        var failures = 0
        let benchmarks: [any AsyncParsableCommand.Type] = [
            PostgresBenchmark.self, RedisBenchmark.self, RouterBenchmark.self, MemoryBenchmark.self,
        ]
        for benchmark in benchmarks {
            do {
                var command = try benchmark.parseAsRoot([])
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            } catch let code as ExitCode {
                if !code.isSuccess { failures += 1 }
            }
        }
        if failures > 0 { throw ExitCode(1) }
    }
}
