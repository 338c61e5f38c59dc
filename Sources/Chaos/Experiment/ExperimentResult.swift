/// What came of one experiment: its course, what was recorded, and what the checkers found.
public struct ExperimentResult: Sendable {
    /// What was run.
    public var experiment: Experiment
    /// Of all its checks together.
    public var verdict: RunVerdict
    public var run: RecordedRun
    public var evidence: Evidence
    /// In the order of the expectations.
    public var checks: [Check]
    /// Before the method; nil when the experiment asks for none.
    public var steadyBefore: SteadyState?
    /// After the rollbacks; nil when the experiment asks for none.
    public var steadyAfter: SteadyState?
    /// What was done, as the Chaos Toolkit's journal lists it.
    public var activities: [ActivityRecord]
    /// What was undone at the end, as the journal lists it.
    public var rollbacks: [ActivityRecord]
    /// The run's nanoseconds from its start to its end.
    public var span: Range<Int64>
    /// Why each run before this one could not be judged; empty for a first run that stood.
    public var repeatedBecause: [String] = []

    /// One expectation and what was found.
    public struct Check: Sendable {
        /// What was promised.
        public var expectation: Experiment.Expectation
        /// What was found.
        public var finding: Finding
    }

    /// A hypothesis, probe by probe.
    public struct SteadyState: Sendable {
        public var title: String
        /// Whether every probe was within its tolerance.
        public var isMet: Bool
        /// As they went, in order.
        public var probes: [ActivityRecord]
    }

    /// Whether some promise about time could not be judged only because the machine was held up.
    public var isWorthRepeating: Bool {
        !evidence.isTimely && !evidence.faultLapsed && verdict == .unknown
            && checks.contains { $0.finding.verdict == .unknown && $0.finding.restsOnTime }
    }

    /// The promises that were broken, in the experiment's order.
    public var breaches: [Check] { checks.filter { $0.finding.verdict == .broken } }
    /// The first promise that could not be judged, for one line of output.
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
    /// What it answered, or why it failed.
    public var output: String
    /// The run's nanoseconds.
    public var span: Range<Int64>
}
