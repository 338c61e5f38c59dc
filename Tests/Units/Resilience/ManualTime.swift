import Resilience
import Synchronization

/// A clock that only moves when a test says so, and wakes those who sleep on it.
final class ManualTime: Sendable {
    private struct Guarded {
        var now: ContinuousClock.Instant
        var sleepers: [UInt64: (until: ContinuousClock.Instant, continuation: CheckedContinuation<Void, any Error>)] =
            [:]
        var cancelled: Set<UInt64> = []
        var nextID: UInt64 = 0
    }

    private let guarded = Mutex(Guarded(now: ContinuousClock.now))

    var now: ContinuousClock.Instant { guarded.withLock { $0.now } }

    /// How many tasks sleep now.
    var sleepers: Int { guarded.withLock { $0.sleepers.count } }

    var source: TimeSource {
        TimeSource(now: { self.now }, sleep: { try await self.sleep(until: $0) })
    }

    func advance(by duration: Duration) {
        let due = guarded.withLock { guarded in
            guarded.now += duration
            let ids = guarded.sleepers.filter { $0.value.until <= guarded.now }.sorted {
                $0.value.until < $1.value.until
            }
            return ids.compactMap { guarded.sleepers.removeValue(forKey: $0.key)?.continuation }
        }
        for sleeper in due { sleeper.resume() }
    }

    private func sleep(until instant: ContinuousClock.Instant) async throws {
        let id = guarded.withLock { guarded in
            guarded.nextID += 1
            return guarded.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let result: Result<Void, any Error>? = guarded.withLock { guarded in
                    if guarded.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if instant <= guarded.now { return .success(()) }
                    guarded.sleepers[id] = (instant, continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let sleeper = guarded.withLock { guarded in
                let sleeper = guarded.sleepers.removeValue(forKey: id)
                if sleeper == nil { guarded.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
