import ArgumentParser
import Chaos

struct FaultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "faults", abstract: "Lists what can be broken.")

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await FleetVerb.run {
            if json { return try FleetVerb.say(json: FaultCatalog.summaries) }
            for fault in FaultCatalog.summaries {
                FleetVerb.say("\(fault.name.rawValue): \(fault.effect)\n  on \(fault.targets)")
                for parameter in fault.parameters {
                    let standard = parameter.standard.map { "\($0) when left out" } ?? "required"
                    FleetVerb.say("  --set \(parameter.name)=…  \(parameter.meaning) (\(standard))")
                }
            }
        }
    }
}
