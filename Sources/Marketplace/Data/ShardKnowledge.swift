/// What pings have taught about one shard. A value, so that its parts always belong together.
struct ShardKnowledge: Sendable {
    var roles = ShardRoles()
    var ages = ReplicationAges()
    var commits = CommitConfirmation()
    private var gate = StaleGate()

    /// What is known of a replica now; takes it into rotation or out of it.
    mutating func view(
        of node: Int, _ bound: Duration?, primaryAnswers: Bool, _ now: ContinuousClock.Instant
    ) -> ReadPlan.Replica {
        let position = roles.positions[node]
        guard let bound else {
            return ReadPlan.Replica(
                node: node, isInRotation: true, isUsable: true, isKeepingUp: true, position: position)
        }
        // One that is behind every sample may be as old as it likes; with no sample at all nobody is known to be old.
        let lag = ages.isKnown(node) ? ages.lag(of: node) : nil
        let isUsable = lag.map { $0 <= bound } ?? !ages.hasSamples
        let age = ages.isKnown(node) ? ages.age(of: node, at: now) : nil
        return ReadPlan.Replica(
            node: node, isInRotation: primaryAnswers ? gate.admits(node, age: age, bound: bound) : isUsable,
            isUsable: isUsable, isKeepingUp: lag.map { $0 <= bound / 4 } ?? false, position: position)
    }
}
