import ArgumentParser
import Chaos

struct HealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heal", abstract: "Heals faults, whoever injected them.",
        discussion: "Works from the ledger when neither controller nor guardian is alive.")

    @Argument(help: "Ids of faults, as `chaos status` lists them.")
    var ids: [String] = []

    @Flag(help: "Every fault, of every fleet unless --fleet names one.")
    var all = false

    @OptionGroup var flags: FleetFlags

    func validate() throws {
        guard all != !ids.isEmpty else { throw ValidationError("give ids of faults, or --all") }
    }

    func run() async throws {
        try await FleetVerb.run {
            let healed = try await FleetSweep.heal(ids: all ? nil : ids, fleet: flags.fleet)
            if flags.json {
                try FleetVerb.say(json: ["healed": healed])
            } else {
                FleetVerb.say(
                    healed.isEmpty ? "nothing is broken" : healed.map { "healed \($0)" }.joined(separator: "\n"))
            }
        }
    }
}
