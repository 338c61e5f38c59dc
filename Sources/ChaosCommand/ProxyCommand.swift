import ArgumentParser
import Chaos

struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "proxy", abstract: "Runs the TCP proxy.")
}
