import Postgres
import Resilience

extension SQLState {
    /// The store lives on the shard that the detail names; without one the server's map is too old.
    static let storeMoved: SQLState = "MP010"
    /// The store is being cut over: writes wait a moment.
    static let storeFrozen: SQLState = "MP011"
}

extension RoutedDatabase {
    /// Shards that are asked for one store at most: it moves once while somebody looks for it, hardly twice.
    private static let maximumHops = 4
    /// The pause before a frozen store is tried again.
    private static let freezePause = Duration.milliseconds(10)

    /// Does something on the shard that a store lives on, and does it again there when the store has just moved, or is
    /// being cut over and lets writers in again before the deadline. Both refusals come before any effect.
    func following<Value>(
        _ key: RoutingKey, deadline: ContinuousClock.Instant, _ body: (Shard) async throws -> Value
    ) async throws -> Value {
        var hops = 0
        while true {
            let shard = router.shard(of: key)
            do {
                return try await body(shard)
            } catch let error as PostgresError where error.sqlState == .storeMoved {
                metrics.redirects.add()
                if router.learn(key, error.serverError?.detail ?? "") {
                    hops += 1
                    guard hops <= Self.maximumHops else { throw unsettled(shard) }
                } else {
                    await watch?.refresh(deadline: deadline)
                    try await pause(before: deadline, shard)
                }
            } catch let error as PostgresError where error.sqlState == .storeFrozen {
                metrics.freezeWaits.add()
                try await pause(before: deadline, shard)
            }
        }
    }

    /// Spread over one to two pauses, so that those who wait do not come back all at once.
    private func pause(before deadline: ContinuousClock.Instant, _ shard: Shard) async throws {
        let next = environment.now() + Self.freezePause * (1 + environment.randomFraction())
        guard next < deadline else { throw unsettled(shard) }
        try await environment.sleep(next)
    }

    /// A store that has just come to its shard is not on every replica yet; and a session that has seen it on another
    /// shard, however long ago, has to see here at least what arrived with it.
    func meet(_ key: RoutingKey, on shard: Shard, trace: RequestTrace) {
        guard let arrival = router.arrival(of: key, since: trace.metMapVersion, at: environment.now()) else { return }
        trace.arrived(on: shard.name, at: arrival)
    }

    /// A public read that finds nothing may have asked the shard that the store has left.
    /// - Throws: `PostgresError` when it has; whoever cannot be asked says nothing.
    func confirm(_ key: RoutingKey, on shard: Shard) async throws {
        guard watch?.central != nil else { return }
        do {
            _ = try await read(
                from: shard, .point, trace: RequestTrace(), "SELECT find_store(\(Int64(bitPattern: key.value)))")
        } catch let error as PostgresError where error.sqlState == .storeMoved {
            throw error
        } catch {}
    }

    private func unsettled(_ shard: Shard) -> Problem {
        Problem(
            .storeMoving, "The store is on its way from \(shard.name). Nothing was done: try again.",
            retryAfter: .seconds(1))
    }
}
