/// One order per idempotency key, whatever was retried, clicked twice or resumed late: in the answers that clients got,
/// and in what the stores list once all is settled.
public struct NoDoubleOrder: Checker {
    public static let name = "no-double-order"
    public let promise = "one order per idempotency key"
    public var dependsOnFault: Bool { false }

    /// It needs no parameters.
    public init() {}

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {}

    public func check(_ run: RecordedRun) -> Finding {
        guard let listed = OrderList.final(in: run) else { return OrderList.missing }
        var ids: [String: Set<String>] = [:]
        for operation in run.operations where operation.isOrder && operation.outcome == .ok {
            if let key = operation.key, let order = operation.order { ids[key, default: []].insert(order) }
        }
        let keys = ids.count
        for order in listed.placed { ids[order.key, default: []].insert(order.id) }
        let doubled = ids.filter { $0.value.count > 1 }
        guard !doubled.isEmpty else {
            return Finding(
                .held, "\(keys) keys were answered with an order, \(ids.count) orders are listed, one per key")
        }
        let proofs = run.operations.filter { $0.isOrder && $0.key.map { doubled[$0] != nil } == true }
        let notes = doubled.sorted { $0.key < $1.key }.map {
            "key \($0.key) has \($0.value.count) orders: \($0.value.sorted().joined(separator: ", "))"
        }
        return Finding(
            .broken, "\(doubled.count) of \(ids.count) keys have more than one order",
            proofs: proofs.sorted { ($0.key ?? "", $0.index) < ($1.key ?? "", $1.index) }, notes: notes)
    }
}
