/// Every fault there is.
public enum FaultCatalog {
    static let mechanisms: [any FaultMechanism.Type] = [
        PauseFault.self, KillFault.self, LatencyFault.self, PartitionFault.self, ReplayPauseFault.self,
        PromoteFault.self,
    ]

    /// For `chaos faults`.
    public static var summaries: [FaultSummary] { mechanisms.map { $0.summary } }

    /// Reads a fault's name.
    /// - Throws: ``FleetError/usage(_:)`` that lists those there are.
    public static func kind(_ text: String) throws(FleetError) -> FaultKind {
        guard let kind = FaultKind(rawValue: text) else {
            throw .usage("no fault is named \(text); there are \(names.joined(separator: ", ")) (see `chaos faults`)")
        }
        return kind
    }

    private static var names: [String] { FaultKind.allCases.map(\.rawValue) }

    /// What carries out `fault` on `target`.
    /// - Throws: ``FleetError/usage(_:)`` when they do not fit each other or the topology.
    static func mechanism(
        _ fault: Fault, on target: FaultTarget, in topology: Topology
    ) throws(FleetError) -> any FaultMechanism {
        guard let type = mechanisms.first(where: { $0.summary.name == fault.kind }) else {
            throw .usage("the fault \(fault.kind.rawValue) has no mechanism in this release")
        }
        let known = type.summary.parameters.map(\.name)
        for name in fault.parameters.keys.sorted() where !known.contains(name) {
            let list = known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))"
            throw .usage("\(fault.kind.rawValue) has no parameter `\(name)`; \(list)")
        }
        return try type.init(fault, on: target, in: topology)
    }
}
