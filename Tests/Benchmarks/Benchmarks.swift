import ArgumentParser

@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the drivers against the tools their servers come with.",
        subcommands: [PostgresBenchmark.self, RedisBenchmark.self])
}
