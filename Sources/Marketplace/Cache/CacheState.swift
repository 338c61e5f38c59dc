import Synchronization

/// What a server remembers beside the entries.
final class CacheState: Sendable {
    private let outages: Mutex<OutageClock>
    private let owed = Mutex(OwedChanges())

    init(outageBound: Duration) {
        outages = Mutex(OutageClock(bound: outageBound))
    }

    /// Whether anything is owed to Redis.
    var owesNothing: Bool { owed.withLock { $0.isEmpty } }

    /// How a shard can be reached now, for answers that are kept.
    func reach(_ home: CacheHome, now: ContinuousClock.Instant) -> CacheReach {
        outages.withLock { outages in
            if home.isReachable {
                outages.isReachable(home.shard)
                return .reachable
            }
            return .out(mayStandIn: outages.isOut(home.shard, now: now))
        }
    }

    /// No node answered a load; says whether an old answer may be shown instead.
    func mayStandIn(for home: CacheHome, now: ContinuousClock.Instant) -> Bool {
        outages.withLock { $0.isOut(home.shard, now: now) }
    }

    func owe(_ changes: [CacheChange]) -> Int { owed.withLock { $0.add(changes) } }
    func owed(of scope: CacheKey) -> CacheVersion? { owed.withLock { $0.change(of: scope) } }
    func nextOwed(_ limit: Int) -> [CacheChange] { owed.withLock { $0.next(limit) } }
    func settle(_ changes: [CacheChange]) { owed.withLock { $0.settle(changes) } }
}

/// How a shard can be reached.
enum CacheReach: Sendable, Hashable {
    case reachable
    /// No node answers; whether answers that are kept may stand in for it, marked as stale.
    case out(mayStandIn: Bool)
}
