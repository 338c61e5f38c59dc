import ArgumentParser
import Chaos
import SystemPackage

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Starts a fleet and keeps it.",
        discussion: "Returns when every node is ready. The fleet stays, watched by its guardian, until `chaos down`.")

    @Option(help: "auto, docker or process.")
    var runtime = "auto"

    @Option(help: "Topology file, YAML or JSON; the standard one when left out.")
    var topology: String?

    @Option(help: "The fleet's name, fit for DNS, 20 characters at most.")
    var name: String?

    @Flag(help: "Stay, and end the fleet with Ctrl-C.")
    var foreground = false

    @Flag(help: "Print the status as JSON.")
    var json = false

    func run() async throws {
        try await FleetVerb.run {
            let topology = try topology.map { path throws(FleetError) in try Topology(file: FilePath(path)) }
            let isQuiet = json
            let options = FleetOptions(
                name: name, runtime: try RuntimeKind.named(runtime), isKept: !foreground,
                progress: { if !isQuiet { FleetVerb.say("  \($0)", to: .standardError) } })
            let fleet = try await Fleet.start(topology ?? .bundled("standard"), options: options)
            let status = try await fleet.status()
            FleetVerb.say(json ? try status.json() : StatusCommand.text(status))
            if foreground {
                await Interruption().wait()
                try await fleet.stop()
            } else {
                try await fleet.detach()
            }
        }
    }
}

extension RuntimeKind {
    /// Reads `--runtime`; nil for `auto`.
    static func named(_ text: String) throws(FleetError) -> RuntimeKind? {
        if text == "auto" { return nil }
        guard let kind = RuntimeKind(rawValue: text) else {
            throw .usage("no runtime is named \(text); there are auto, docker and process")
        }
        return kind
    }
}
