import AsyncHTTPClient
import Foundation
import SystemPackage

/// A whole `chaos run`: all experiments in order against one fleet, and the bundle of evidence.
public struct ExperimentRun: Sendable {
    /// Names the bundle's directory.
    public var scenario: String
    /// What to run, in order.
    public var experiments: [Experiment]
    /// Draws the load and every fault's randomness.
    public var seed: UInt64
    /// Where bundles are kept.
    public var store: FilePath
    /// When the experiments' rollbacks are carried out.
    public var rollbackStrategy: ExperimentRunner.RollbackStrategy
    /// The command that does it again, for `repro.sh`.
    public var command: String
    /// The clock and randomness of the run.
    public var environment: FleetEnvironment
    /// Gets a line for each step.
    public var progress: @Sendable (String) -> Void

    /// Makes a run of experiments on a fleet.
    public init(
        scenario: String, experiments: [Experiment], seed: UInt64, store: FilePath,
        rollbackStrategy: ExperimentRunner.RollbackStrategy = .always, command: String,
        environment: FleetEnvironment = .live, progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.scenario = scenario
        self.experiments = experiments
        self.seed = seed
        self.store = store
        self.rollbackStrategy = rollbackStrategy
        self.command = command
        self.environment = environment
        self.progress = progress
    }

    /// What came of it, and where the evidence is.
    public struct Outcome: Sendable {
        /// What was found.
        public var results: RunResults
        /// Where the evidence lies.
        public var bundle: EvidenceBundle
    }

    /// Runs everything. The bundle is written also when an experiment cannot be carried out, of those before it.
    /// - Throws: what kept an experiment from being carried out, or the bundle from being written.
    public func perform(on fleet: Fleet) async throws -> Outcome {
        let start = environment.wallClock().timeIntervalSince1970
        let bundle = try EvidenceBundle.create(store: store, scenario: scenario, seconds: start)
        let client = ServiceCaller.makeClient()
        var failure: (any Error)?
        var results: [ExperimentResult] = []
        let instruments: Instruments
        do {
            instruments = try Instruments(
                services: fleet.serviceAddresses(), bundle: bundle, seed: seed, client: client,
                environment: environment)
            let runner = ExperimentRunner(
                fleet: fleet, instruments: instruments, rollbackStrategy: rollbackStrategy, progress: progress)
            for (number, experiment) in experiments.enumerated() where failure == nil {
                progress("\(number + 1) of \(experiments.count): \(experiment.title)")
                do {
                    let result = try await runner.run(experiment)
                    results.append(result)
                    progress("\(experiment.name): \(Self.line(result))")
                } catch {
                    failure = error
                }
            }
        } catch {
            try? await client.shutdown()
            throw error
        }
        copyLogs(of: fleet, to: bundle)
        let outcome: Outcome
        do {
            outcome = try conclude(results, fleet: fleet, bundle: bundle, instruments: instruments, start: start)
        } catch {
            try? await client.shutdown()
            throw failure ?? error
        }
        try? await client.shutdown()
        if let failure { throw failure }
        return outcome
    }

    private func conclude(
        _ results: [ExperimentResult], fleet: Fleet, bundle: EvidenceBundle, instruments: Instruments, start: Double
    ) throws -> Outcome {
        try instruments.recorder.close()
        try instruments.sampler.close()
        let run = RunResults(
            scenario: scenario,
            surroundings: RunResults.Surroundings(
                fleet: fleet.name, topology: fleet.topology.name, runtime: fleet.runtime.kind.rawValue, seed: seed,
                variables: fleet.context.passedVariables, command: command, start: start,
                seconds: environment.wallClock().timeIntervalSince1970 - start),
            results: results)
        try bundle.write(Journal.json(results, run: run).prettyText, to: bundle.journal)
        try bundle.write(run, history: instruments.recorder.events(), metrics: instruments.sampler.samples())
        return Outcome(results: run, bundle: bundle)
    }

    /// Logs are copied best-effort: a node without one is no reason to lose a run.
    private func copyLogs(of fleet: Fleet, to bundle: EvidenceBundle) {
        for node in fleet.topology.nodes {
            let source = fleet.logDirectory(of: node.name).string
            let destination = bundle.logs.appending(node.name).string
            try? FileManager.default.copyItem(atPath: source, toPath: destination)
        }
    }

    private static func line(_ result: ExperimentResult) -> String {
        if let breach = result.firstBreach {
            let proof = breach.finding.proofs.first.map { "; \($0.summary)" } ?? ""
            return "BROKEN \(breach.expectation.checkName): \(breach.finding.summary)\(proof)"
        }
        if result.verdict == .broken { return "BROKEN: the steady state was not reached again" }
        if result.verdict == .unsteady { return "the steady state was never reached, so nothing was broken" }
        if let doubt = result.firstDoubt {
            let reason = doubt.finding.notes.first ?? doubt.finding.summary
            return "UNKNOWN \(doubt.expectation.checkName): \(reason)"
        }
        return "held, \(result.checks.count) promises"
    }
}

extension EvidenceBundle {
    /// Writes everything that can be made from results, history and metrics.
    public func write(_ results: RunResults, history: [HistoryEvent], metrics samples: [MetricsSample]) throws {
        try write(results.json(), to: self.results)
        try write(JUnit.text(results), to: junit)
        try write(ReproductionScript.text(results), to: reproduction)
        try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: reproduction.string)
        try write(ReportPage(results: results, history: history, metrics: samples).html(), to: report)
    }

    /// The samples of `metrics.jsonl`; a line that is none is passed over, since the report can do without it.
    public func readMetrics() throws -> [MetricsSample] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: metrics.string))
        } catch {
            throw Failure("\(metrics) cannot be read; a bundle is a directory store/SCENARIO/TIME")
        }
        return data.split(separator: 0x0A).compactMap { (try? JSONParser.parse($0)).flatMap { MetricsSample($0) } }
    }
}
