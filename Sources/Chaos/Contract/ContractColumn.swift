/// The columns of the degradation contract (docs/CONTRACT.md), and the two that hold for every row.
public enum ContractColumn: String, Codable, Sendable, CaseIterable {
    case reads, cart, order, inventory, also
    /// What holds through every fault: no double order, stock adds up, nothing acknowledged is lost.
    case invariants
    /// Back to steady state by itself.
    case recovery

    public var title: String {
        switch self {
        case .reads: "Product and list reads"
        case .cart: "Cart"
        case .order: "Order"
        case .inventory: "Inventory write"
        case .also: "Also"
        case .invariants: "Invariants"
        case .recovery: "Recovery"
        }
    }

    /// For a grid of plain text.
    public var shortTitle: String {
        switch self {
        case .reads: "reads"
        case .cart: "cart"
        case .order: "order"
        case .inventory: "inventory"
        case .also: "also"
        case .invariants: "invariants"
        case .recovery: "recovery"
        }
    }
}
