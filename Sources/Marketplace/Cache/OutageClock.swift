/// Since when shards have been out of reach, as a value: how long old answers may stand in for them.
struct OutageClock: Sendable {
    private var since: [String: ContinuousClock.Instant] = [:]
    /// Of one outage: beyond it nothing old is shown.
    let bound: Duration

    init(bound: Duration) {
        self.bound = bound
    }

    /// A node of the shard answers, or is thought to.
    mutating func isReachable(_ shard: String) {
        since[shard] = nil
    }

    /// No node answers; says whether an old answer may still be shown.
    mutating func isOut(_ shard: String, now: ContinuousClock.Instant) -> Bool {
        guard let began = since[shard] else {
            since[shard] = now
            return true
        }
        return now - began <= bound
    }
}
