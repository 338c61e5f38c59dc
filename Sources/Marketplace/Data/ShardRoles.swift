import Postgres

/// Which node of a shard is its primary and which are replicas, learned from what each says of itself. A value, fed
/// with the answers to pings. Only the newest timeline counts: a node that is not on it, or on an ancestor up to where
/// it branched off, is refused.
public struct ShardRoles: Sendable, Hashable {
    /// Nil while none is known.
    public private(set) var primary: Int?
    /// In the order of the nodes.
    public private(set) var replicas: [Int] = []
    /// The newest timeline seen, and where its ancestors ended.
    public private(set) var history = TimelineHistory()
    /// How far each node is known to have come, by its own timeline.
    private(set) var positions: [Int: ShardPosition] = [:]
    /// Who last wrote on the newest timeline.
    private var writer: Int?

    /// Nothing known yet.
    public init() {}

    /// The greatest timeline seen; a node that writes on an older one was left behind by a promotion and is refused.
    public var timeline: UInt32 { history.newest }

    /// Whether a node's answer can only be judged with the history of its timeline: it is a new one, or a second node
    /// claims to write on the newest, which two promotions at once would bring about.
    func needsHistory(_ status: ServerStatus, of node: Int) -> Bool {
        let timeline = timeline(status, of: node)
        guard timeline > 1 else { return false }
        return timeline > self.timeline || timeline == self.timeline && !status.inRecovery && writer ?? node != node
    }

    /// Takes one node's answer.
    /// - Parameter given: the history of the node's timeline; nil when it was not needed or cannot be read.
    public mutating func learn(_ status: ServerStatus, of node: Int, history given: TimelineHistory? = nil) {
        let position = ShardPosition(timeline: timeline(status, of: node), wal: status.walPosition)
        if position.timeline > timeline {
            let next = given ?? TimelineHistory(of: position.timeline, file: "")
            guard timeline == 0 || !next.isKnown || next.isAncestor(timeline) else {
                refuse(node)
                return
            }
            history = next
            // Whoever wrote on the timeline that has been left is no primary any more.
            primary = nil
            writer = nil
            replicas = replicas.filter { positions[$0].map(isPartOfHistory) ?? true }
        }
        if status.inRecovery {
            learnReplica(node, position)
        } else {
            learnWriter(node, position, given)
        }
    }

    private mutating func learnReplica(_ node: Int, _ position: ShardPosition) {
        if primary == node { primary = nil }
        guard isPartOfHistory(position) else {
            refuse(node)
            return
        }
        positions[node] = position
        guard !replicas.contains(node) else { return }
        replicas.append(node)
        replicas.sort()
    }

    private mutating func learnWriter(_ node: Int, _ position: ShardPosition, _ given: TimelineHistory?) {
        replicas.removeAll { $0 == node }
        let isOther = primary ?? node != node || given.map { $0.isKnown && history.isKnown && $0 != history } ?? false
        guard position.timeline == timeline, !isOther else {
            refuse(node)
            return
        }
        positions[node] = position
        primary = node
        writer = node
    }

    /// A write was refused because the node is none that takes writes.
    public mutating func disown(_ node: Int) {
        if primary == node { primary = nil }
    }

    /// The node did not answer: it may come back as another.
    mutating func forgetPosition(of node: Int) {
        positions[node] = nil
    }

    /// A node was seen further than its last ping said.
    mutating func advance(_ node: Int, to position: ShardPosition) {
        guard let known = positions[node], known.timeline <= position.timeline else { return }
        positions[node] = known.merged(position)
    }

    private mutating func refuse(_ node: Int) {
        if primary == node { primary = nil }
        replicas.removeAll { $0 == node }
        positions[node] = nil
    }

    /// A replica tells the timeline of its last restart point when it receives nothing; it has never gone back while it
    /// kept answering.
    private func timeline(_ status: ServerStatus, of node: Int) -> UInt32 {
        guard status.inRecovery, let known = positions[node] else { return status.timeline }
        return max(status.timeline, known.timeline)
    }

    private func isPartOfHistory(_ position: ShardPosition) -> Bool {
        !history.isKnown || history.contains(position, on: timeline)
    }
}
