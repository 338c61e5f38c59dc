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

    @Flag(help: "Print JSON, also of what is wrong.")
    var json = false

    func run() async throws {
        try await ExperimentVerb.run {
            let topology = try topology.map { path throws(FleetError) in try Topology(file: FilePath(path)) }
            let experiments: [Experiment]
            do {
                experiments = try ExperimentVerb.read(files, topology: topology ?? .bundled("standard"))
            } catch let failure as ExperimentReader.Failure {
                if json { try FleetVerb.say(json: Report(experiments: [], problems: failure.problems)) }
                throw failure
            }
            if json {
                let entries = experiments.map(Report.Entry.init)
                return try FleetVerb.say(json: Report(experiments: entries, problems: []))
            }
            for experiment in experiments {
                let count = experiment.plan.expectations.count
                FleetVerb.say("\(experiment.path): \(experiment.title), \(count) promises")
            }
        }
    }

    /// What `--json` prints.
    private struct Report: Encodable {
        /// Empty when a file has a problem.
        var experiments: [Entry]
        var problems: [DocumentProblem]

        struct Entry: Encodable {
            var path: String
            var name: String
            var title: String
            var promises: Int

            init(_ experiment: Experiment) {
                path = experiment.path
                name = experiment.name
                title = experiment.title
                promises = experiment.plan.expectations.count
            }
        }
    }
}
