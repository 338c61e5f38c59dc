/// Which nodes one read asks, in order, from what is known of them. A value: what is known goes in, the order comes
/// out.
struct ReadPlan: Sendable, Hashable {
    /// What is known of one replica.
    struct Replica: Sendable, Hashable {
        let node: Int
        /// Young enough to be asked first.
        let isInRotation: Bool
        /// Not further behind the last sign of the primary than the bound: good enough when the primary is silent.
        let isUsable: Bool
        /// Whether it had everything when it was last asked, or nearly.
        let isKeepingUp: Bool
        /// Its data is at least this far.
        let position: ShardPosition?
    }

    /// One node to ask.
    struct Candidate: Sendable, Hashable {
        let node: Int
        /// Whether a second request may be sent to it while the first is still under way.
        let isHedgeTarget: Bool
    }

    /// In the order of asking.
    let candidates: [Candidate]

    /// - Parameters:
    ///   - primary: nil when none is known.
    ///   - replicas: in the order of choice.
    ///   - requirement: what the answer must at least have seen.
    init(primary: Int?, replicas: [Replica], requirement: ShardPosition?, history: TimelineHistory) {
        let rotation = replicas.filter(\.isInRotation)
        let sure = rotation.filter { replica in
            guard let requirement else { return true }
            return replica.position?.satisfies(requirement, history: history) ?? false
        }
        // One that keeps up has most likely replayed what was written a moment ago: it answers only if it has. More
        // than one such question would cost more than asking the primary.
        let likely = rotation.first { !sure.contains($0) && $0.isKeepingUp }
        var order = sure.map { Candidate(node: $0.node, isHedgeTarget: true) }
        if let likely { order.append(Candidate(node: likely.node, isHedgeTarget: false)) }
        if let primary { order.append(Candidate(node: primary, isHedgeTarget: true)) }
        // Last, for when the primary does not answer.
        for replica in replicas where replica.isUsable && !order.contains(where: { $0.node == replica.node }) {
            order.append(Candidate(node: replica.node, isHedgeTarget: false))
        }
        candidates = order
    }
}
