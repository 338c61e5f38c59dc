/// Nothing is sold twice and nothing vanishes: for every SKU that the workload sells, stock at the start minus stock at
/// the end is what the listed orders took; and every order's total is the sum of its items.
public struct StockConservation: Checker {
    public static let name = "stock-conservation"
    public let promise = "initial stock − final stock = what the listed orders took; order total = sum of its items"
    public var dependsOnFault: Bool { false }

    /// It needs no parameters.
    public init() {}

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {}

    public func check(_ run: RecordedRun) -> Finding {
        guard let listed = OrderList.final(in: run) else { return OrderList.missing }
        guard let initial = stock("initial", in: run), let final = stock("final", in: run),
            Set(initial.keys) == Set(final.keys), !final.isEmpty
        else { return Finding(.unknown, "the stock could not be read at the start and at the end") }
        var taken: [String: Int64] = [:]
        for item in listed.placed.flatMap(\.items) { taken[item.sku, default: 0] += item.quantity }
        var notes: [String] = []
        var wrong = Set<String>()
        for (sku, before) in initial.sorted(by: { $0.key < $1.key }) {
            let gone = before - (final[sku] ?? 0)
            if gone != taken[sku] ?? 0 || (final[sku] ?? 0) < 0 {
                wrong.insert(sku)
                notes.append(
                    "\(sku): \(before) at the start, \(final[sku] ?? 0) at the end, \(gone) gone, "
                        + "\(taken[sku] ?? 0) in orders")
            }
        }
        let uneven = listed.placed.filter { $0.total != $0.itemsTotal || $0.items.isEmpty }
        notes += uneven.map { "order \($0.id) (key \($0.key)): total \($0.total), its items \($0.itemsTotal)" }
        guard !notes.isEmpty else {
            return Finding(.held, "\(initial.count) SKUs and \(listed.placed.count) orders add up")
        }
        let keys = Set(uneven.map(\.key))
        let proofs = run.operations.filter {
            $0.isOrder && ($0.value["sku"]?.string.map(wrong.contains) == true || $0.key.map(keys.contains) == true)
        }
        return Finding(
            .broken, "\(wrong.count) of \(initial.count) SKUs and \(uneven.count) orders do not add up",
            proofs: proofs, notes: notes)
    }

    private func stock(_ when: String, in run: RecordedRun) -> [String: Int64]? {
        let reads = run.operations.filter { $0.function == "stock" && $0.value["when"]?.string == when }
        var stock: [String: Int64] = [:]
        for read in reads {
            guard read.outcome == .ok, let sku = read.key, let quantity = read.value["quantity"]?.int else {
                return nil
            }
            stock[sku] = quantity
        }
        return stock
    }
}
