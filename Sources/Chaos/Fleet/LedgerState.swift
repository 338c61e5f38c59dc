/// What a ledger's lines add up to.
public struct LedgerState: Sendable, Equatable {
    /// What the fleet is; nil before the first entry.
    public var header: LedgerHeader?
    /// Whether every node was ready once.
    public var isReady = false
    /// Whether the fleet is being ended.
    public var isTearingDown = false
    /// Nodes about to be started whose handle is not known yet.
    public var starting: Set<String> = []
    /// By node name, as last started; `proxy` and `guardian` among them.
    public var nodes: [String: StartedNode] = [:]
    /// Faults announced and not healed, oldest first.
    public var faults: [FaultRecord] = []

    /// Whether the fleet stays when its controller ends: one that is not whole yet never does.
    public var staysWithoutController: Bool { header?.isKept == true && isReady && !isTearingDown }

    /// An empty ledger's.
    public init() {}

    public mutating func apply(_ entry: LedgerEntry) {
        switch entry {
        case .fleet(let header): self.header = header
        case .starting(let node): starting.insert(node)
        case .started(let node, let started):
            starting.remove(node)
            nodes[node] = started
        case .ready: isReady = true
        case .injecting(let record): faults.append(record)
        case .injected: break
        case .healed(let id): faults.removeAll { $0.id == id }
        case .tearingDown: isTearingDown = true
        }
    }
}
