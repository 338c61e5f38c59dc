/// What came of one experiment: its course, what was recorded, and what the checkers found.
public struct ExperimentResult: Sendable {
    public var experiment: Experiment
    public var verdict: RunVerdict
    public var run: RecordedRun
    public var evidence: Evidence
    public var checks: [Check]
    public var steadyBefore: SteadyState?
    public var steadyAfter: SteadyState?
    /// What was done, as the Chaos Toolkit's journal lists it.
    public var activities: [ActivityRecord]
    public var rollbacks: [ActivityRecord]
    /// The run's nanoseconds from its start to its end.
    public var span: Range<Int64>
    /// Why it was run a second time; nil for a first run that stood.
    public var repeatedBecause: String?

    /// One expectation and what was found.
    public struct Check: Sendable {
        public var expectation: Experiment.Expectation
        public var finding: Finding
    }

    /// A hypothesis, probe by probe.
    public struct SteadyState: Sendable {
        public var title: String
        public var isMet: Bool
        public var probes: [ActivityRecord]
    }

    /// Whether some promise about time could not be judged only because the load generator itself was held up.
    public var isWorthRepeating: Bool {
        !evidence.isTimely && verdict == .unknown
            && checks.contains { $0.finding.verdict == .unknown && $0.expectation.check.judgesTiming }
    }

    /// The first promise that was broken, for one line of output.
    public var firstBreach: Check? { checks.first { $0.finding.verdict == .broken } }
    public var firstDoubt: Check? { checks.first { $0.finding.verdict == .unknown } }
}

/// One probe or action as it went.
public struct ActivityRecord: Sendable {
    public var name: String
    public var kind: Experiment.Activity.Kind
    /// `succeeded` or `failed`.
    public var hasSucceeded: Bool
    /// Whether its result was within its tolerance; nil without one.
    public var isTolerated: Bool?
    public var output: String
    /// The run's nanoseconds.
    public var span: Range<Int64>
}
