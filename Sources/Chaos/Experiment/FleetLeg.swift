/// The part of a run that one fleet serves: experiments in order, and how their fleet comes and goes.
public struct FleetLeg: Sendable {
    /// What to run, in order.
    public var experiments: [Experiment]
    /// Starts or joins the fleet.
    public var open: @Sendable () async throws -> Fleet
    /// Ends or leaves it; called whatever happened.
    public var close: @Sendable (Fleet) async throws -> Void

    /// Makes a leg.
    public init(
        _ experiments: [Experiment], open: @escaping @Sendable () async throws -> Fleet,
        close: @escaping @Sendable (Fleet) async throws -> Void
    ) {
        self.experiments = experiments
        self.open = open
        self.close = close
    }

    /// Splits experiments by the fleet that they need. Durable ones come last, on a fleet of their own; and since the
    /// names of a group's nodes say their roles at the start, one that changes them ends its leg.
    public static func split(_ experiments: [Experiment]) -> [[Experiment]] {
        [false, true].flatMap { isDurable in
            let alike = experiments.filter { $0.plan.isDurable == isDurable }
            let changing = alike.filter(\.changesRoles)
            let first = alike.filter { !$0.changesRoles } + changing.prefix(1)
            return [first] + changing.dropFirst().map { [$0] }
        }.filter { !$0.isEmpty }
    }
}

extension Experiment {
    /// Whether its fleet is another one afterwards.
    var changesRoles: Bool { faultStep?.fault.kind == .promote }
}
