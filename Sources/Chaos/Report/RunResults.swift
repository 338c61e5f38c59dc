import Foundation
import SystemPackage

/// What a run found, as `results.json` keeps it; with history and metrics beside it everything else in the bundle can
/// be made from it again.
public struct RunResults: Codable, Sendable {
    /// Format version of the file.
    public var version = 1
    public var scenario: String
    public var verdict: RunVerdict
    public var surroundings: Surroundings
    public var experiments: [ExperimentReport]

    /// Where and how it ran.
    public struct Surroundings: Codable, Sendable {
        public var fleet: String
        public var topology: String
        public var runtime: String
        public var seed: UInt64
        /// `FEATURE_…` and `MARKETPLACE_…` variables that were passed on to the services.
        public var variables: [String: String]
        /// The command that does it again.
        public var command: String
        /// Wall clock in seconds since 1970.
        public var start: Double
        public var seconds: Double

        public init(
            fleet: String, topology: String, runtime: String, seed: UInt64, variables: [String: String],
            command: String, start: Double, seconds: Double
        ) {
            self.fleet = fleet
            self.topology = topology
            self.runtime = runtime
            self.seed = seed
            self.variables = variables
            self.command = command
            self.start = start
            self.seconds = seconds
        }
    }

    public init(scenario: String, surroundings: Surroundings, results: [ExperimentResult]) {
        self.scenario = scenario
        self.surroundings = surroundings
        verdict = RunVerdict.of(results.map(\.verdict))
        experiments = results.map(ExperimentReport.init)
    }

    /// Indented JSON.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    /// - Throws: a sentence that names the file and what is wrong with it.
    public static func read(_ path: FilePath) throws -> RunResults {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path.string))
        } catch {
            throw EvidenceBundle.Failure("\(path) cannot be read; a bundle is a directory store/SCENARIO/TIME")
        }
        do {
            return try JSONDecoder().decode(RunResults.self, from: data)
        } catch {
            throw EvidenceBundle.Failure("\(path) is no results.json of this release: \(error)")
        }
    }
}

/// One experiment within ``RunResults``.
public struct ExperimentReport: Codable, Sendable {
    public var name: String
    public var path: String
    public var title: String
    public var description: String
    public var tags: [String]
    public var row: String?
    public var notApplicable: [ContractColumn]
    public var verdict: RunVerdict
    /// The run's nanoseconds from its start to its end.
    public var span: Range<Int64>
    public var facts: RunFacts
    public var evidence: Evidence
    public var checks: [CheckReport]
    public var steadyBefore: Bool?
    public var steadyAfter: Bool?
    /// Probes of the steady state that were not well, in words.
    public var complaints: [String]
    public var repeatedBecause: String?

    init(_ result: ExperimentResult) {
        name = result.experiment.name
        path = result.experiment.path
        title = result.experiment.title
        description = result.experiment.description
        tags = result.experiment.tags
        row = result.experiment.plan.row
        notApplicable = result.experiment.plan.notApplicable
        verdict = result.verdict
        span = result.span
        facts = result.run.facts
        evidence = result.evidence
        checks = result.checks.map(CheckReport.init)
        steadyBefore = result.steadyBefore?.isMet
        steadyAfter = result.steadyAfter?.isMet
        complaints = [result.steadyBefore, result.steadyAfter].compactMap(\.self).filter { !$0.isMet }
            .flatMap(\.probes).filter { $0.isTolerated != true }
            .map { "\($0.name): \($0.output.prefix(300))" }
        repeatedBecause = result.repeatedBecause
    }

    /// The verdict of one cell of the contract; nil where nothing was checked.
    public func verdict(in column: ContractColumn) -> Verdict? {
        let verdicts = checks.filter { $0.column == column }.map(\.verdict)
        return verdicts.isEmpty ? nil : Verdict.of(verdicts)
    }
}

/// One check within ``ExperimentReport``.
public struct CheckReport: Codable, Sendable {
    public var name: String
    public var column: ContractColumn
    public var promise: String
    public var verdict: Verdict
    public var summary: String
    public var notes: [String]
    public var proofs: [Proof]
    public var proofCount: Int

    /// An operation that proves a breach.
    public struct Proof: Codable, Sendable {
        /// Index of its invocation in history.jsonl.
        public var index: Int
        public var seconds: Double
        public var function: String
        public var key: String?
        public var server: String?
        public var node: String?
        public var outcome: String
        public var status: Int?
        public var code: String?
        public var order: String?
        public var latencyMilliseconds: Double?
        /// All of it in one line.
        public var text: String
    }

    init(_ check: ExperimentResult.Check) {
        name = check.expectation.checkName
        column = check.expectation.column
        promise = check.expectation.check.promise
        verdict = check.finding.verdict
        summary = check.finding.summary
        notes = check.finding.notes
        proofCount = check.finding.proofCount
        proofs = check.finding.proofs.map { operation in
            Proof(
                index: operation.index, seconds: Double(operation.start) / 1e9, function: operation.function,
                key: operation.key, server: operation.server, node: operation.node,
                outcome: operation.outcome.map { $0 == .info ? "unknown" : $0.rawValue } ?? "not ended",
                status: operation.status, code: operation.code, order: operation.order,
                latencyMilliseconds: operation.latency.map { Double($0) / 1e6 }, text: operation.summary)
        }
    }
}
