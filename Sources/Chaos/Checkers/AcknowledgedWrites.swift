/// What was acknowledged and is gone, orders and changes of products alike. In durable mode nothing may be; otherwise a
/// promotion may cost what it had not sent yet, and this counts it: nothing that was acknowledged after the promotion.
public struct AcknowledgedWrites: Checker {
    public static let name = "acknowledged-writes"
    public var promise: String {
        switch mode {
        case .durable: "no acknowledged write is lost"
        case .counted: "acknowledged writes lost by the promotion are counted; none of afterwards is lost"
        }
    }
    private let mode: Mode

    /// What a promotion may cost.
    public enum Mode: String, Sendable, CaseIterable {
        case durable, counted
    }

    /// Makes the check.
    public init(_ mode: Mode) { self.mode = mode }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        guard let text = try parameters.string("mode"), let mode = Mode(rawValue: text) else {
            throw CheckParameters.Failure(
                "`mode` must be one of \(Mode.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.init(mode)
    }

    public func check(_ run: RecordedRun) -> Finding {
        guard let listed = OrderList.final(in: run) else { return OrderList.missing }
        guard let changes = Self.lostChanges(run) else {
            return Finding(.unknown, "what became of the sessions' products could not be read")
        }
        let ids = Set(listed.placed.map(\.id))
        let acknowledged = run.operations.filter { $0.isOrder && $0.outcome == .ok }
        let orders = acknowledged.filter { $0.order.map { !ids.contains($0) } ?? true }
        let lost = (orders + changes.lost).sorted { $0.index < $1.index }
        let summary =
            "\(orders.count) of \(acknowledged.count) acknowledged orders and \(changes.lost.count) of "
            + "\(changes.count) acknowledged changes were lost"
        let isBroken =
            switch mode {
            case .durable: !lost.isEmpty
            case .counted: lost.contains { ($0.end ?? .max) > run.promoted ?? 0 }
            }
        guard acknowledged.count + changes.count >= SessionHistory.minimumReads else {
            return Finding(.unknown, "only \(acknowledged.count + changes.count) acknowledged writes: \(summary)")
        }
        let notes = lost.map { "lost: \($0.summary)" }
        return Finding(isBroken ? .broken : .held, summary, proofs: isBroken ? lost : [], notes: notes)
    }

    /// A change is lost when its product ended below it, or when another was acknowledged later with no greater
    /// version: then that one was made as if it had never been. Nil when a product could not be read at the end.
    private static func lostChanges(_ run: RecordedRun) -> (lost: [Operation], count: Int)? {
        let writes = run.operations.filter { $0.function == "session-write" && $0.outcome == .ok }
        var lost: [Operation] = []
        for (product, writes) in Dictionary(grouping: writes, by: { $0.key ?? "" }) {
            let last = run.operations.last { $0.function == SettledReads.finalProduct && $0.key == product }
            guard last?.outcome == .ok, let final = last?.version else { return nil }
            // Backwards: the smallest version that was acknowledged later.
            var later = final + 1
            for write in writes.sorted(by: { $0.index > $1.index }) {
                let version = write.version ?? 0
                if version >= later { lost.append(write) }
                later = min(later, version)
            }
        }
        return (lost, writes.count)
    }
}
