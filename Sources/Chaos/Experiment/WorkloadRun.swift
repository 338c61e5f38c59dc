/// What came of a workload: counts, quantiles, and verdicts by the same rules as those of `chaos run`.
public struct WorkloadRun: Sendable {
    /// Everything the checkers look at.
    public let recorded: RecordedRun
    public let evidence: Evidence
    /// What decided arrivals and choices; give it to ``Fleet/workload(_:seed:)`` to have them again.
    public let seed: UInt64

    /// A stretch of the run.
    public enum Phase: String, Sendable, CaseIterable {
        case baseline, fault, recovery
    }

    init(_ recorded: RecordedRun, seed: UInt64) {
        self.recorded = recorded
        self.seed = seed
        evidence = Evidence(recorded)
    }

    /// How many operations there were that were due in this phase.
    public func count(_ selection: Selection = Selection(), in phase: Phase) -> Int {
        range(phase).map { recorded.operations(selection, startedIn: $0).count } ?? 0
    }

    /// How many operations that any part of this phase fell on ended in an error.
    public func errors(_ selection: Selection = Selection(), in phase: Phase) -> Int {
        range(phase).map { recorded.operations(selection, overlapping: $0).count { $0.isError } } ?? 0
    }

    /// A quantile of the latencies of this phase; longer than any limit when there were no operations.
    public func latency(_ quantile: Quantile, _ selection: Selection = Selection(), in phase: Phase) -> Duration {
        guard let range = range(phase) else { return Self.endless }
        return LatencySample(recorded.operations(selection, startedIn: range)).quantile(quantile) ?? Self.endless
    }

    private static let endless = Duration.nanoseconds(Int64.max)

    /// What a checker finds, weighed by what the run can prove: held only when the fault was verified, enough
    /// operations ran and enough attempts met it.
    public func finding(of checker: some Checker) -> Finding {
        evidence.judge(checker, recorded)
    }

    private func range(_ phase: Phase) -> Range<Int64>? {
        switch phase {
        case .baseline: recorded.facts.baseline
        case .fault: recorded.facts.fault
        case .recovery: recorded.facts.recovery
        }
    }
}
