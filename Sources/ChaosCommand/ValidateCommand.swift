import ArgumentParser
import Chaos
import SystemPackage

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Checks experiment files and starts nothing.",
        discussion: "Exit code 64 when something is wrong; every problem is printed with its line.")

    @Argument(help: "Experiment files, YAML or JSON.")
    var files: [String]

    @Option(help: "Topology whose names they use; the standard one when left out.")
    var topology: String?

    func run() async throws {
        try await ExperimentVerb.run {
            let topology = try topology.map { path throws(FleetError) in try Topology(file: FilePath(path)) }
            for experiment in try ExperimentVerb.read(files, topology: topology ?? .bundled("standard")) {
                let count = experiment.plan.expectations.count
                FleetVerb.say("\(experiment.path): \(experiment.title), \(count) promises")
            }
        }
    }
}
