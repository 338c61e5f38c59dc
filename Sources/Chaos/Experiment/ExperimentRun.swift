import AsyncHTTPClient
import Foundation
import SystemPackage

/// A whole `chaos run`: all experiments in order, against a fleet of each kind that they need, and the evidence.
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
        /// Why a fleet could not be ended in order; nil when all were.
        public var endFailure: (any Error)?
    }

    /// Runs everything, leg by leg. The bundle is written also when an experiment cannot be carried out, of those
    /// before it.
    /// - Throws: what kept an experiment from being carried out, or the bundle from being written.
    public func perform(_ legs: [FleetLeg]) async throws -> Outcome {
        let start = environment.wallClock().timeIntervalSince1970
        let bundle = try EvidenceBundle.create(store: store, scenario: scenario, seconds: start)
        let client = ServiceCaller.makeClient()
        let result: Result<Outcome, any Error>
        do {
            result = .success(try await perform(legs, bundle: bundle, client: client, start: start))
        } catch { result = .failure(error) }
        try? await client.shutdown()
        return try result.get()
    }

    /// What has come of the legs so far.
    private struct Course {
        var results: [ExperimentResult] = []
        var fleets: [Fleet] = []
        var failure: (any Error)?
        var endFailure: (any Error)?
    }

    private func perform(
        _ legs: [FleetLeg], bundle: EvidenceBundle, client: HTTPClient, start: Double
    ) async throws -> Outcome {
        let instruments = try Instruments(
            services: [:], bundle: bundle, seed: seed, client: client, environment: environment)
        var course = Course()
        for leg in legs where course.failure == nil {
            do {
                let fleet = try await leg.open()
                course.fleets.append(fleet)
                await run(leg, on: fleet, instruments, &course)
                copyLogs(of: fleet, to: bundle, isFirst: course.fleets.count == 1)
                // Apart from this task, which may have been cancelled.
                do { try await Task { try await leg.close(fleet) }.value } catch {
                    // What the run found counts more than a fleet that its guardian still removes.
                    progress("the fleet \(fleet.name) could not be ended in order: \(error)")
                    course.endFailure = course.endFailure ?? error
                }
            } catch {
                course.failure = error
            }
        }
        guard let fleet = course.fleets.first else { throw course.failure ?? CancellationError() }
        var outcome: Outcome
        do {
            outcome = try conclude(course, fleet: fleet, bundle: bundle, instruments: instruments, start: start)
        } catch { throw course.failure ?? error }
        if let failure = course.failure { throw failure }
        outcome.endFailure = course.endFailure
        return outcome
    }

    private func run(_ leg: FleetLeg, on fleet: Fleet, _ instruments: Instruments, _ course: inout Course) async {
        do {
            var instruments = try instruments.pointed(
                at: fleet.serviceAddresses(), proxy: fleet.proxy().address)
            instruments.isBesideContainers = fleet.runtime.kind == .docker
            let runner = ExperimentRunner(
                fleet: fleet, instruments: instruments, rollbackStrategy: rollbackStrategy, progress: progress)
            for experiment in leg.experiments {
                progress("\(course.results.count + 1) of \(experiments.count): \(experiment.title)")
                let result = try await runner.run(experiment)
                course.results.append(result)
                progress("\(experiment.name): \(Self.line(result))")
            }
        } catch {
            course.failure = error
        }
    }

    private func conclude(
        _ course: Course, fleet: Fleet, bundle: EvidenceBundle, instruments: Instruments, start: Double
    ) throws -> Outcome {
        try instruments.recorder.close()
        try instruments.sampler.close()
        let run = RunResults(
            scenario: scenario,
            surroundings: RunResults.Surroundings(
                fleet: fleet.name, topology: fleet.topology.name, runtime: fleet.runtime.kind.rawValue, seed: seed,
                variables: fleet.context.passedVariables, command: command, start: start,
                seconds: environment.wallClock().timeIntervalSince1970 - start),
            results: course.results,
            failure: course.failure.map { $0 is CancellationError ? "it was interrupted" : "\($0)" })
        try bundle.write(Journal.json(course.results, run: run).prettyText, to: bundle.journal)
        try bundle.write(run, history: instruments.recorder.events(), metrics: instruments.sampler.samples())
        bundle.becomeLatest()
        return Outcome(results: run, bundle: bundle)
    }

    /// Logs are copied best-effort: a node without one is no reason to lose a run. Those of a second fleet go below its
    /// name.
    private func copyLogs(of fleet: Fleet, to bundle: EvidenceBundle, isFirst: Bool) {
        let logs = isFirst ? bundle.logs : bundle.logs.appending(fleet.name)
        let files = FileManager.default
        for node in fleet.topology.nodes {
            let source = fleet.logDirectory(of: node.name)
            let destination = logs.appending(node.name)
            try? files.createDirectory(atPath: destination.string, withIntermediateDirectories: true)
            let names = (try? files.contentsOfDirectory(atPath: source.string)) ?? []
            for name in names where name.hasSuffix(".log") {
                try? files.copyItem(
                    atPath: source.appending(name).string, toPath: destination.appending(name).string)
            }
        }
    }

    private static func line(_ result: ExperimentResult) -> String {
        let breaches = result.breaches
        if let breach = breaches.first {
            let proof = breach.finding.proofs.first.map { "; \($0.summary)" } ?? ""
            let others = breaches.dropFirst().map(\.expectation.checkName)
            let further = others.isEmpty ? "" : "; BROKEN too: \(others.joined(separator: ", "))"
            return "BROKEN \(breach.expectation.checkName): \(breach.finding.summary)\(proof)\(further)"
        }
        if result.verdict == .broken {
            return "BROKEN: the steady state was not reached again\(unmet(result.steadyAfter))"
        }
        if result.verdict == .unsteady {
            return "the steady state was never reached, so nothing was broken\(unmet(result.steadyBefore))"
        }
        if let doubt = result.firstDoubt {
            let reason = doubt.finding.notes.first ?? doubt.finding.summary
            return "UNKNOWN \(doubt.expectation.checkName): \(reason)"
        }
        return "held, \(result.checks.count) promises"
    }

    /// The first probe that was not as it should be, and what it answered.
    private static func unmet(_ state: ExperimentResult.SteadyState?) -> String {
        guard let probe = state?.probes.first(where: { $0.isTolerated != true }) else { return "" }
        return ": \(probe.name)? \(probe.output.prefix(200))"
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
