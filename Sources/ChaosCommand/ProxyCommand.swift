import ArgumentParser
import Chaos

struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy", abstract: "Runs the TCP proxy, with the control API of Toxiproxy.")

    @Option(help: "Port of the control API; 0 lets the system choose.")
    var port = 8474
    @Option(help: "Address the control API listens on.")
    var host = "127.0.0.1"
    @Option(help: "JSON list of links: {name, listen, upstream}.")
    var config: String?
    @Option(help: "File to write, atomically, once every link listens: {control, links, pid}.")
    var readyFile: String?
    @Option(help: "Seed of jitter and toxicity.")
    var seed: UInt64 = 42
}
