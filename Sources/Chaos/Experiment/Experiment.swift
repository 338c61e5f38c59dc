/// What is to be broken, under which load, and what has to hold: one file of `Fixtures/experiments`, in the shape of the
/// open Chaos Toolkit specification (https://chaostoolkit.org/reference/api/experiment/), version 1.0.0.
///
/// What that specification has no place for (workload, phases, expectations, row of the contract) stands in
/// `extensions` under the name `seaworthy`, as it asks.
public struct Experiment: Sendable {
    /// The file's name without its ending.
    public var name: String
    /// Where it was read from; what `repro.sh` runs again.
    public var path: String
    public var title: String
    public var description: String
    public var tags: [String]
    /// Values for `${name}` in probes.
    public var configuration: [String: String]
    public var steadyState: Hypothesis?
    public var method: [Activity]
    public var rollbacks: [Activity]
    public var plan: Plan

    /// How one knows that the system is well: every probe within its tolerance.
    public struct Hypothesis: Sendable {
        public var title: String
        public var probes: [Activity]
    }

    /// A probe or an action, with the pauses around it.
    public struct Activity: Sendable {
        public var kind: Kind
        public var name: String
        public var provider: Provider
        /// Nil for what is done for its effect only.
        public var tolerance: Tolerance?
        public var pauseBefore: Duration
        public var pauseAfter: Duration

        public enum Kind: String, Sendable {
            case probe, action
        }
    }

    public enum Provider: Sendable {
        case http(HTTPProvider)
        case process(ProcessProvider)
        case chaos(FaultStep)
    }

    /// A fault, held for a time.
    public struct FaultStep: Sendable, Equatable {
        public var fault: Fault
        public var target: String
        public var duration: Duration
    }

    /// What the `seaworthy` extension says.
    public struct Plan: Sendable {
        /// Row of the contract that it tests; nil for none.
        public var row: String?
        /// Columns of that row which the fault cannot touch.
        public var notApplicable: [ContractColumn]
        public var workload: Workload
        public var phases: Phases
        public var expectations: [Expectation]
    }

    /// How long the measured stretches around the fault last.
    public struct Phases: Sendable, Equatable {
        public var warmUp: Duration
        public var baseline: Duration
        public var recovery: Duration

        public init(
            warmUp: Duration = .seconds(1), baseline: Duration = .seconds(5), recovery: Duration = .seconds(5)
        ) {
            self.warmUp = warmUp
            self.baseline = baseline
            self.recovery = recovery
        }
    }

    /// One promise, and the cell of the contract that it fills.
    public struct Expectation: Sendable {
        public var column: ContractColumn
        public var check: any Checker

        public var checkName: String { type(of: check).name }
    }

    /// The fault of the method, if there is one.
    public var faultStep: FaultStep? {
        for activity in method { if case .chaos(let step) = activity.provider { return step } }
        return nil
    }
}
