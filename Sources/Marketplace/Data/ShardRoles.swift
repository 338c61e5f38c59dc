import Postgres

/// Which node of a shard is its primary and which are replicas, learned from what each says of itself. A value, fed
/// with the answers to pings.
public struct ShardRoles: Sendable, Hashable {
    /// Nil while none is known.
    public private(set) var primary: Int?
    /// In the order of the nodes.
    public private(set) var replicas: [Int] = []
    /// The greatest timeline seen; a node that writes on an older one was left behind by a promotion and is refused.
    public private(set) var timeline: UInt32 = 0

    /// Nothing known yet.
    public init() {}

    /// Takes one node's answer.
    public mutating func learn(_ status: ServerStatus, of node: Int) {
        if status.inRecovery {
            if primary == node { primary = nil }
            insertReplica(node)
            return
        }
        replicas.removeAll { $0 == node }
        if status.timeline > timeline || primary == nil && status.timeline == timeline {
            timeline = status.timeline
            primary = node
        } else if primary == node, status.timeline < timeline {
            primary = nil
        }
    }

    /// A write was refused because the node is none that takes writes.
    public mutating func disown(_ node: Int) {
        if primary == node { primary = nil }
    }

    private mutating func insertReplica(_ node: Int) {
        guard !replicas.contains(node) else { return }
        replicas.append(node)
        replicas.sort()
    }
}
