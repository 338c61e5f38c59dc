import ArgumentParser
import Chaos

@main
struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Breaks every dependency of a service for real, and shows what held.",
        subcommands: [ProxyCommand.self, GuardianCommand.self])
}
