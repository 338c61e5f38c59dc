import ArgumentParser
import Chaos

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Ends a fleet and removes everything of it.",
        discussion: "Works from the ledger when neither controller nor guardian is alive.")

    @OptionGroup var flags: FleetFlags

    @Flag(help: "Every fleet of this user.")
    var all = false

    func run() async throws {
        try await FleetVerb.run {
            let ended = try await FleetSweep.end(fleet: flags.fleet, all: all)
            if flags.json {
                try FleetVerb.say(json: ["ended": ended])
            } else {
                FleetVerb.say(ended.isEmpty ? "no fleet is running" : "ended \(ended.joined(separator: ", "))")
            }
        }
    }
}
