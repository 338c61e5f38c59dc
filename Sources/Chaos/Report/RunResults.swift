import Foundation
import SystemPackage

/// What a run found, as `results.json` keeps it; with history and metrics beside it everything else in the bundle can
/// be made from it again.
public struct RunResults: Codable, Sendable {
    /// Format version of the file.
    public var version = 1
    /// The bundle's name.
    public var scenario: String
    /// Of all experiments together.
    public var verdict: RunVerdict
    /// Why not every experiment was carried out; nil when all were.
    public var failure: String?
    /// Where and how it ran.
    public var surroundings: Surroundings
    /// In the order in which they ran.
    public var experiments: [ExperimentReport]

    /// Where and how it ran.
    public struct Surroundings: Codable, Sendable {
        /// The fleet's name.
        public var fleet: String
        public var topology: String
        /// What the nodes ran on.
        public var runtime: String
        /// What load and faults were drawn from.
        public var seed: UInt64
        /// `FEATURE_…` and `MARKETPLACE_…` variables that were passed on to the services.
        public var variables: [String: String]
        /// The command that does it again.
        public var command: String
        /// Wall clock in seconds since 1970.
        public var start: Double
        /// How long it took.
        public var seconds: Double

        /// Makes the surroundings of a run.
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

    /// Gathers what the experiments found.
    /// - Parameter failure: why it ended before all were carried out. Such a run proves nothing held as a whole.
    public init(
        scenario: String, surroundings: Surroundings, results: [ExperimentResult], failure: String? = nil
    ) {
        self.scenario = scenario
        self.surroundings = surroundings
        self.failure = failure
        let found = RunVerdict.of(results.map(\.verdict))
        verdict = found == .held && failure != nil ? .unknown : found
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
    /// The experiment's file.
    public var path: String
    public var title: String
    public var description: String
    /// The experiment's own.
    public var tags: [String]
    /// Row of the contract that it tests; nil for none.
    public var row: String?
    /// Columns that the fault cannot touch.
    public var notApplicable: [ContractColumn]
    /// Of all its checks together.
    public var verdict: RunVerdict
    /// The run's nanoseconds from its start to its end.
    public var span: Range<Int64>
    /// What is known of the run besides its operations.
    public var facts: RunFacts
    public var evidence: Evidence
    /// In the order of the expectations.
    public var checks: [CheckReport]
    /// Whether the system was well before; nil when nothing was asked.
    public var steadyBefore: Bool?
    /// Whether the system was well afterwards; nil when nothing was asked.
    public var steadyAfter: Bool?
    /// Probes of the steady state that were not well, in words.
    public var complaints: [String]
    /// Why each run before this one could not be judged; empty for a first run that stood.
    public var repeatedBecause: [String]

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
    /// The cell's column.
    public var column: ContractColumn
    public var promise: String
    /// Whether the promise held.
    public var verdict: Verdict
    public var summary: String
    /// What proves it that is no operation.
    public var notes: [String]
    /// The operations that prove a breach, worst first.
    public var proofs: [Proof]
    /// How many prove it in all.
    public var proofCount: Int

    /// An operation that proves a breach.
    public struct Proof: Codable, Sendable {
        /// Index of its invocation in history.jsonl.
        public var index: Int
        /// When it was due, since the run began.
        public var seconds: Double
        /// What it did.
        public var function: String
        /// The thing it touched.
        public var key: String?
        /// The server it was sent to.
        public var server: String?
        /// The data node that served it.
        public var node: String?
        /// `ok`, `fail`, `unknown` or `not ended`.
        public var outcome: String
        /// The answer's HTTP status.
        public var status: Int?
        /// The problem's code.
        public var code: String?
        /// The order that was placed.
        public var order: String?
        /// From when it was due until its end.
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
