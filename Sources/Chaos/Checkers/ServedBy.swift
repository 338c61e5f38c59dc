/// Reads that reach the database are served by replicas, and orders by their store's primary.
public struct ServedBy: Checker {
    public static let name = "served-by"
    public var promise: String {
        "≥ 99 % of \(selection.words) that reached the database were served by \(role.rawValue)"
            + (isDuringFault ? " from \(detect.text) after the fault" : " before the fault")
    }
    private let selection: Selection
    private let role: Role
    private let isDuringFault: Bool
    private let detect: Duration

    /// The part a node plays in its group.
    public enum Role: String, Sendable, CaseIterable {
        case replicas, primary
        /// Any node but those that are broken.
        case healthy = "healthy-nodes"
    }

    /// Makes the check: the selected operations are served by nodes of this role.
    public init(_ selection: Selection, by role: Role, duringFault: Bool = false, detect: Duration = .seconds(1)) {
        self.selection = selection
        self.role = role
        self.isDuringFault = duringFault
        self.detect = detect
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        let selection = try parameters.selection(default: .reads)
        guard let text = try parameters.string("by"), let role = Role(rawValue: text) else {
            throw CheckParameters.Failure(
                "`by` must be one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let phase = try parameters.string("phase") ?? "baseline"
        guard ["baseline", "fault"].contains(phase) else {
            throw CheckParameters.Failure("`phase` must be baseline or fault, not \(phase)")
        }
        self.init(
            selection, by: role, duringFault: phase == "fault",
            detect: try parameters.duration("detect") ?? .seconds(1))
    }

    public func check(_ run: RecordedRun) -> Finding {
        guard let range = isDuringFault ? run.faultPhase(after: detect) : run.facts.baseline else {
            return Finding(.unknown, "there was no fault, or it was over before it could be detected")
        }
        let broken = Set(run.facts.injections.flatMap(\.nodes))
        let served = run.operations(selection, startedIn: range).filter { $0.node != nil && $0.outcome == .ok }
        guard served.count >= Self.minimumServed else {
            return Finding(.unknown, "only \(served.count) \(selection.words) name the node that served them")
        }
        let wrong = served.filter { operation in
            guard let node = operation.node, let store = operation.store, let group = run.facts.groups[store] else {
                return true
            }
            return switch role {
            case .replicas: !group.replicas.contains(node)
            case .primary: node != group.primary
            case .healthy: broken.contains(node)
            }
        }
        let nodes = Dictionary(grouping: served) { $0.node ?? "" }.mapValues(\.count).sorted { $0.key < $1.key }
        let summary =
            "\(served.count) \(selection.words): "
            + nodes.map { "\($0.value) by \($0.key)" }.joined(separator: ", ")
        let isHeld = wrong.count * 100 <= served.count
        return Finding(isHeld ? .held : .broken, summary, proofs: isHeld ? [] : wrong)
    }

    /// Fewer than this many show no preference.
    private static let minimumServed = 50
}
