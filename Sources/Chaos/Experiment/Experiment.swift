/// What is to be broken, under which load, and what has to hold: one file of `Fixtures/experiments`, in the shape of
/// the open Chaos Toolkit specification (https://chaostoolkit.org/reference/api/experiment/), version 1.0.0.
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
    /// Words to choose experiments by.
    public var tags: [String]
    /// Values for `${name}` in probes.
    public var configuration: [String: String]
    /// What has to be so before and after; nil when nothing is asked.
    public var steadyState: Hypothesis?
    /// What is done, in order.
    public var method: [Activity]
    /// What is done at the end, whatever happened.
    public var rollbacks: [Activity]
    /// What the extension says of load, phases and expectations.
    public var plan: Plan

    /// How one knows that the system is well: every probe within its tolerance.
    public struct Hypothesis: Sendable {
        public var title: String
        /// All of them have to be within their tolerance.
        public var probes: [Activity]
    }

    /// A probe or an action, with the pauses around it.
    public struct Activity: Sendable {
        public var kind: Kind
        public var name: String
        /// What carries it out.
        public var provider: Provider
        /// Nil for what is done for its effect only.
        public var tolerance: Tolerance?
        /// How long to wait before it.
        public var pauseBefore: Duration
        /// How long to wait after it.
        public var pauseAfter: Duration

        /// Looks at something, or changes something.
        public enum Kind: String, Sendable {
            case probe, action
        }
    }

    /// What carries out an activity.
    public enum Provider: Sendable {
        case http(HTTPProvider)
        case process(ProcessProvider)
        case chaos(FaultStep)
    }

    /// A fault, held for a time.
    public struct FaultStep: Sendable, Equatable {
        /// What to break it with.
        public var fault: Fault
        /// The node or link, by name.
        public var target: String
        /// How long it is held.
        public var duration: Duration
    }

    /// What the `seaworthy` extension says.
    public struct Plan: Sendable {
        /// Row of the contract that it tests; nil for none.
        public var row: String?
        /// Whether it needs a fleet whose Postgres groups are durable (see ``Topology/durable``).
        public var isDurable: Bool
        /// Columns of that row which the fault cannot touch.
        public var notApplicable: [ContractColumn]
        /// The load that runs all the while.
        public var workload: Workload
        /// How long each stretch lasts.
        public var phases: Phases
        /// How long the steady state may take to be reached, before and afterwards.
        public var patience: Duration = Self.standardPatience
        /// What has to hold.
        public var expectations: [Expectation]

        /// A service that has just come up needs some seconds.
        static let standardPatience = Duration.seconds(15)
    }

    /// How long the measured stretches around the fault last.
    public struct Phases: Sendable, Equatable {
        /// Before anything is measured.
        public var warmUp: Duration
        /// Measured before the fault.
        public var baseline: Duration
        /// Measured after the heal.
        public var recovery: Duration

        /// Makes phases; the defaults suit a local fleet.
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
        /// The cell's column.
        public var column: ContractColumn
        public var check: any Checker

        /// The check's name in experiment files.
        public var checkName: String { type(of: check).name }
    }

    /// The fault of the method, if there is one.
    public var faultStep: FaultStep? {
        for activity in method { if case .chaos(let step) = activity.provider { return step } }
        return nil
    }
}
