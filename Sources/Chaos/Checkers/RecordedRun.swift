/// Everything a checker may look at: the operations of one experiment and the facts around them.
public struct RecordedRun: Sendable {
    /// In the order of their invocations.
    public var operations: [Operation]
    /// What else is known of the run.
    public var facts: RunFacts
    /// Samples of the services' metrics and readiness, in the order of time.
    public var metrics: [MetricsSample]

    /// Puts a run together from what was recorded.
    public init(operations: [Operation], facts: RunFacts, metrics: [MetricsSample]) {
        self.operations = operations
        self.facts = facts
        self.metrics = metrics
    }
}

/// What is known of an experiment's course besides its operations. All times in the run's nanoseconds.
public struct RunFacts: Sendable, Codable, Equatable {
    /// Before the workload is measured: connections open, caches fill. Not part of any phase.
    public var warmUp: Range<Int64>?
    /// The stretch before the fault that it is compared with, in the run's nanoseconds.
    public var baseline: Range<Int64>
    /// From just before the injection until just before the heal.
    public var fault: Range<Int64>?
    /// From the heal's end on.
    public var recovery: Range<Int64>?
    /// The faults that were injected, in the order of time.
    public var injections: [Injection]
    /// Postgres group of each store that the workload knows.
    public var groups: [String: PostgresGroup]
    /// Arrivals that found the bound on outstanding requests reached and were never sent.
    public var droppedArrivals: Int
    /// Events that found the history full.
    public var droppedEvents: Int

    /// Puts the facts together.
    public init(
        warmUp: Range<Int64>? = nil, baseline: Range<Int64>, fault: Range<Int64>? = nil,
        recovery: Range<Int64>? = nil, injections: [Injection] = [], groups: [String: PostgresGroup] = [:],
        droppedArrivals: Int = 0, droppedEvents: Int = 0
    ) {
        self.warmUp = warmUp
        self.baseline = baseline
        self.fault = fault
        self.recovery = recovery
        self.injections = injections
        self.groups = groups
        self.droppedArrivals = droppedArrivals
        self.droppedEvents = droppedEvents
    }

    /// One fault as it really went.
    public struct Injection: Sendable, Codable, Equatable {
        /// The fault with its parameters, as `chaos inject` takes it.
        public var fault: String
        /// What it was injected into.
        public var target: String
        /// The nodes that are touched: those named, or the server ends of the links.
        public var nodes: [String]
        /// The injection began: what ran from here on may have met it.
        public var began: Int64
        /// The injection's action was done: detection is timed from here.
        public var applied: Int64
        /// The heal began; nil while it is in force.
        public var healing: Int64?
        /// When it was seen to be gone, in the run's nanoseconds; nil if it never was.
        public var healed: Int64?
        /// At the start, once a second, and at the end.
        public var observations: [FaultObservation]
        /// Why the heal could not be verified; nil when it was.
        public var healFailure: String?

        /// Puts an injection together from what was observed.
        public init(
            fault: String, target: String, nodes: [String], began: Int64, applied: Int64, healing: Int64? = nil,
            healed: Int64? = nil, observations: [FaultObservation] = [], healFailure: String? = nil
        ) {
            self.fault = fault
            self.target = target
            self.nodes = nodes
            self.began = began
            self.applied = applied
            self.healing = healing
            self.healed = healed
            self.observations = observations
            self.healFailure = healFailure
        }

        /// Whether it was seen in force at every look.
        public var verified: Bool {
            !observations.isEmpty && observations.allSatisfy(\.inForce) && healFailure == nil
        }
    }
}

/// A primary and its replicas, as the topology starts them.
public struct PostgresGroup: Sendable, Codable, Equatable, Hashable {
    /// `shard-0`: what the names of its nodes begin with.
    public var name: String
    /// The node that took writes when the run began.
    public var primary: String
    /// The nodes that followed it.
    public var replicas: [String]

    /// Makes a group.
    public init(name: String, primary: String, replicas: [String]) {
        self.name = name
        self.primary = primary
        self.replicas = replicas
    }

    /// The primary first.
    public var nodes: [String] { [primary] + replicas }

    /// The groups of a topology, in its order.
    public static func all(in topology: Topology) -> [PostgresGroup] {
        let postgres = topology.nodes.filter { $0.kind == .postgres }
        return postgres.filter { $0.replicaOf == nil }.map { primary in
            let suffix = "-primary"
            let name = primary.name.hasSuffix(suffix) ? String(primary.name.dropLast(suffix.count)) : primary.name
            return PostgresGroup(
                name: name, primary: primary.name,
                replicas: postgres.filter { $0.replicaOf == primary.name }.map(\.name))
        }
    }
}
