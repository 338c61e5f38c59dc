import ArgumentParser
import Chaos
import SystemPackage

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Makes a stored run's report again from its bundle.")

    @Argument(help: "The bundle: a directory store/SCENARIO/TIME.")
    var directory: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await FleetVerb.run {
            let bundle = EvidenceBundle(directory: FilePath(directory))
            let results = try Self.render(bundle)
            if json { return try FleetVerb.say(json: RunSummary(results, in: bundle)) }
            FleetVerb.say(bundle.report.string)
        }
    }

    private static func render(_ bundle: EvidenceBundle) throws -> RunResults {
        do {
            let results = try RunResults.read(bundle.results)
            let history = try HistoryReader.read(bundle.history)
            try bundle.write(results, history: history, metrics: try bundle.readMetrics())
            return results
        } catch let error as EvidenceBundle.Failure {
            throw FleetError.usage(error.description)
        } catch let error as HistoryReader.Failure {
            throw FleetError.usage(error.description)
        }
    }
}
