import AsyncHTTPClient

/// Runs one experiment after the other against one fleet: steady state, baseline, fault, recovery, steady state, and
/// then the checks.
public struct ExperimentRunner: Sendable {
    let fleet: any ExperimentFleet
    let instruments: Instruments
    let rollbackStrategy: RollbackStrategy
    let progress: @Sendable (String) -> Void

    /// When the rollbacks of an experiment are carried out.
    public enum RollbackStrategy: String, Sendable, CaseIterable {
        case always, never
        /// Only after an experiment whose promises did not hold.
        case deviated
    }

    /// A fault is healed by the fleet's guardian this long after it should have been, should we be unable to.
    static let healMargin = Duration.seconds(30)

    /// Makes a runner for a fleet that is ready.
    public init(
        fleet: any ExperimentFleet, instruments: Instruments, rollbackStrategy: RollbackStrategy = .always,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.fleet = fleet
        self.instruments = instruments
        self.rollbackStrategy = rollbackStrategy
        self.progress = progress
    }

    private var clock: RunClock { instruments.clock }

    /// How often an experiment is run at most, while the only trouble is that the machine was held up. On a machine
    /// where that comes every few seconds a second run meets the next one; more of them would only hide that.
    public static let maximumRuns = 3

    /// Runs the experiment, and again, ``maximumRuns`` times at most, while the only trouble is that the machine was
    /// held up.
    /// - Throws: what keeps an experiment from being run at all, `CancellationError` among it; by then the fault is
    ///   healed.
    public func run(_ experiment: Experiment) async throws -> ExperimentResult {
        var reasons: [String] = []
        while true {
            var result = try await runOnce(experiment)
            result.repeatedBecause = reasons
            guard result.isWorthRepeating, reasons.count < Self.maximumRuns - 1 else { return result }
            let reason = "the machine was held up by \(result.evidence.delay.words)"
            let promise = result.firstDoubt.map { type(of: $0.expectation.check).name } ?? "a promise"
            progress("once more, since \(reason) and \(promise) could not be judged")
            reasons.append(reason)
        }
    }

    private func runOnce(_ experiment: Experiment) async throws -> ExperimentResult {
        let start = clock.now()
        let firstEvent = instruments.recorder.count
        let nemesis = Nemesis(recorder: instruments.recorder)
        nemesis.note("experiment", key: experiment.name, ["title": .string(experiment.title)])
        let activities = ActivityRunner(
            clock: clock, client: instruments.client, experiment: experiment,
            services: try fleet.serviceAddresses())
        let before = try await steadyState(of: experiment, activities)
        if let before, !before.isMet {
            return unsteady(experiment, before, from: start)
        }
        var stage = ExperimentStage(
            experiment: experiment, fleet: fleet, instruments: instruments, activities: activities, nemesis: nemesis,
            progress: progress)
        try await stage.perform()
        progress("checking")
        try await fleet.checkRuntime()
        let after = try await steadyState(of: experiment, activities)
        let run = RecordedRun(
            operations: Operation.pair(instruments.recorder.events(from: firstEvent)), facts: stage.facts,
            metrics: instruments.sampler.samples(from: start))
        var result = judge(experiment, run)
        result.activities = stage.records
        result.steadyBefore = before
        result.steadyAfter = after
        if let after, !after.isMet, result.verdict != .broken { result.verdict = .broken }
        let isDeviated = result.verdict != .held
        if rollbackStrategy == .always || (rollbackStrategy == .deviated && isDeviated) {
            for activity in experiment.rollbacks { result.rollbacks.append(await activities.run(activity)) }
        }
        result.span = start..<clock.now()
        return result
    }

    private func judge(_ experiment: Experiment, _ run: RecordedRun) -> ExperimentResult {
        let evidence = Evidence(run)
        let checks = experiment.plan.expectations.map { expectation in
            ExperimentResult.Check(
                expectation: expectation,
                finding: evidence.judge(expectation.check, run))
        }
        let verdicts = checks.map(\.finding.verdict)
        let verdict: RunVerdict =
            switch Verdict.of(verdicts) {
            case .held: .held
            case .broken: .broken
            case .unknown: .unknown
            }
        return ExperimentResult(
            experiment: experiment, verdict: verdict, run: run, evidence: evidence, checks: checks, activities: [],
            rollbacks: [], span: 0..<1)
    }

    private func unsteady(
        _ experiment: Experiment, _ before: ExperimentResult.SteadyState, from start: Int64
    ) -> ExperimentResult {
        let nothing = RecordedRun(operations: [], facts: RunFacts(baseline: start..<start), metrics: [])
        return ExperimentResult(
            experiment: experiment, verdict: .unsteady, run: nothing, evidence: Evidence(nothing), checks: [],
            steadyBefore: before, activities: [], rollbacks: [], span: start..<clock.now())
    }

    /// Looks until every probe is well, or patience ends.
    private func steadyState(
        of experiment: Experiment, _ activities: ActivityRunner
    ) async throws -> ExperimentResult.SteadyState? {
        guard let hypothesis = experiment.steadyState else { return nil }
        let end = clock.now() + experiment.plan.patience.nanoseconds
        while true {
            var records: [ActivityRecord] = []
            for probe in hypothesis.probes { records.append(await activities.run(probe)) }
            let isMet = records.allSatisfy { $0.isTolerated == true }
            try Task.checkCancellation()
            if isMet || clock.now() > end {
                return ExperimentResult.SteadyState(title: hypothesis.title, isMet: isMet, probes: records)
            }
            try await clock.pause(.milliseconds(200))
        }
    }
}
