/// The orders that the stores list before and after the load, as the workload read them.
struct OrderList {
    struct Order: Equatable {
        var id: String
        var key: String
        var store: String
        var total: Int64
        var items: [Item]

        var itemsTotal: Int64 { items.reduce(0) { $0 + $1.quantity * $1.price } }
    }

    struct Item: Equatable {
        var sku: String
        var quantity: Int64
        var price: Int64
    }

    /// Orders listed at the end and not at the start.
    var placed: [Order]

    static let missing = Finding(
        .unknown, "the final list of orders could not be read", notes: ["see the operations `orders` in the history"])

    /// Nil unless every store that was listed at the start was listed at the end.
    static func final(in run: RecordedRun) -> OrderList? {
        let reads = run.operations.filter { $0.function == "orders" }
        let initial = reads.filter { $0.value["when"] == "initial" }
        let final = reads.filter { $0.value["when"] == "final" }
        guard !final.isEmpty, reads.allSatisfy({ $0.outcome == .ok }),
            Set(initial.compactMap(\.store)) == Set(final.compactMap(\.store))
        else { return nil }
        let known = Set(initial.flatMap { orders(of: $0).map(\.id) })
        return OrderList(placed: final.flatMap { orders(of: $0) }.filter { !known.contains($0.id) })
    }

    private static func orders(of read: Operation) -> [Order] {
        (read.value["orders"]?.array ?? []).compactMap { order in
            guard let id = order["id"]?.string else { return nil }
            let items = (order["items"]?.array ?? []).map {
                Item(
                    sku: $0["sku"]?.string ?? "", quantity: $0["quantity"]?.int ?? 0,
                    price: $0["unitPriceMinor"]?.int ?? 0)
            }
            return Order(
                id: id, key: order["idempotencyKey"]?.string ?? id, store: read.store ?? "",
                total: order["totalMinor"]?.int ?? 0, items: items)
        }
    }
}
