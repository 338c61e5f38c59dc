/// What was acknowledged is there, and what was certainly refused is not.
public struct AcknowledgedOrders: Checker {
    public static let name = "acknowledged-orders"
    public let promise = "every acknowledged order is listed, no refused one is"
    public var dependsOnFault: Bool { false }

    /// It needs no parameters.
    public init() {}

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {}

    public func check(_ run: RecordedRun) -> Finding {
        guard let listed = OrderList.final(in: run) else { return OrderList.missing }
        let ids = Set(listed.placed.map(\.id))
        let keys = Set(listed.placed.map(\.key))
        let orders = run.operations.filter(\.isOrder)
        let acknowledged = orders.filter { $0.outcome == .ok }
        let lost = acknowledged.filter { $0.order.map { !ids.contains($0) } ?? true }
        let attempts = Dictionary(grouping: orders) { $0.key ?? "" }
        let invented = attempts.filter { key, attempts in
            keys.contains(key) && attempts.allSatisfy { $0.outcome == .fail }
        }
        guard lost.isEmpty, invented.isEmpty else {
            return Finding(
                .broken,
                "\(lost.count) acknowledged orders are not listed, \(invented.count) refused ones are",
                proofs: lost + invented.values.joined().sorted { $0.index < $1.index })
        }
        let unsettled = attempts.values.filter { attempts in
            attempts.contains { $0.outcome == .info } && !attempts.contains { $0.outcome == .ok }
        }
        let settled = unsettled.isEmpty ? "" : "; \(unsettled.count) stayed unknown to their client, which is no loss"
        return Finding(.held, "\(acknowledged.count) acknowledgements, every order listed\(settled)")
    }
}
