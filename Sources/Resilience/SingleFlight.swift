import Synchronization

/// Lets many callers that want the same key share one load, so that an expired hot key costs one query and no stampede.
///
/// After Go's `golang.org/x/sync/singleflight`, with three differences: the load runs in a task of its own, so that the
/// first caller's cancellation takes nobody else down; each waiter has its own deadline; and both keys and waiters are
/// bounded. A load has to bound its own time: while it runs, nobody else loads its key.
public final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Waiter {
        let continuation: CheckedContinuation<Value, any Error>
        var alarm: Task<Void, Never>?
    }

    private struct Guarded {
        var state: SingleFlightState<Key>
        var waiters: [UInt64: Waiter] = [:]
    }

    private let time: TimeSource
    private let guarded: Mutex<Guarded>

    /// Makes one with nothing under way.
    /// - Parameters:
    ///   - maximumKeys: how many keys may be loading at once.
    ///   - maximumWaitersPerKey: how many callers may wait for one key.
    public init(maximumKeys: Int = 1024, maximumWaitersPerKey: Int = 1024, time: TimeSource = .live) {
        self.time = time
        self.guarded = Mutex(
            Guarded(
                state: SingleFlightState(maximumKeys: maximumKeys, maximumWaitersPerKey: maximumWaitersPerKey)))
    }

    /// How many keys are loading.
    public var keysLoading: Int { guarded.withLock { $0.state.keysLoading } }

    /// How many callers wait for a key.
    public func waiting(for key: Key) -> Int { guarded.withLock { $0.state.waiting(for: key) } }

    /// The value that a load of this key gives: one under way if there is one, else a new one.
    /// - Parameters:
    ///   - deadline: how long this caller waits; the load goes on without it.
    ///   - load: runs at most once for all who wait together; its error goes to all of them.
    /// - Throws: ``SingleFlightError`` or `CancellationError` when this caller got no answer, else the load's error.
    public func value(
        for key: Key, deadline: ContinuousClock.Instant, load: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let me = Mutex<UInt64?>(nil)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard let waiter = enter(key, continuation, deadline: deadline, load) else { return }
                me.withLock { $0 = waiter }
                // The handler may have run before there was a waiter to be found.
                if Task.isCancelled { giveUp(key, waiter, CancellationError()) }
            }
        } onCancel: {
            if let waiter = me.withLock({ $0 }) { giveUp(key, waiter, CancellationError()) }
        }
    }

    private func enter(
        _ key: Key, _ continuation: CheckedContinuation<Value, any Error>, deadline: ContinuousClock.Instant,
        _ load: @escaping @Sendable () async throws -> Value
    ) -> UInt64? {
        // Registered in the same breath as the decision, so that no load can end in between.
        let decision = guarded.withLock { guarded in
            let decision = guarded.state.join(key)
            switch decision {
            case .lead(_, let waiter), .follow(_, let waiter):
                guarded.waiters[waiter] = Waiter(continuation: continuation)
            case .refused: break
            }
            return decision
        }
        switch decision {
        case .refused:
            continuation.resume(throwing: SingleFlightError.full)
            return nil
        case .lead(let flight, let waiter):
            Task { complete(key, flight, await Self.result(of: load)) }
            setAlarm(for: key, waiter, at: deadline)
            return waiter
        case .follow(_, let waiter):
            setAlarm(for: key, waiter, at: deadline)
            return waiter
        }
    }

    private static func result(of load: @Sendable () async throws -> Value) async -> Result<Value, any Error> {
        do { return .success(try await load()) } catch { return .failure(error) }
    }

    private func complete(_ key: Key, _ flight: UInt64, _ result: Result<Value, any Error>) {
        let waiters = guarded.withLock { guarded in
            guarded.state.complete(key, flight: flight).compactMap { guarded.waiters.removeValue(forKey: $0) }
        }
        for waiter in waiters {
            waiter.alarm?.cancel()
            waiter.continuation.resume(with: result)
        }
    }

    private func setAlarm(for key: Key, _ waiter: UInt64, at deadline: ContinuousClock.Instant) {
        let alarm = Task { [weak self, time] in
            do { try await time.sleep(deadline) } catch { return }
            self?.giveUp(key, waiter, SingleFlightError.deadlineExceeded)
        }
        let isStillWaiting = guarded.withLock { guarded in
            guard guarded.waiters[waiter] != nil else { return false }
            guarded.waiters[waiter]?.alarm = alarm
            return true
        }
        if !isStillWaiting { alarm.cancel() }
    }

    private func giveUp(_ key: Key, _ waiter: UInt64, _ error: any Error) {
        let found: Waiter? = guarded.withLock { guarded in
            guard let found = guarded.waiters.removeValue(forKey: waiter) else { return nil }
            _ = guarded.state.leave(key, waiter: waiter)
            return found
        }
        found?.alarm?.cancel()
        found?.continuation.resume(throwing: error)
    }
}

/// Why a caller got nothing from a shared load, other than the load's own error.
public enum SingleFlightError: Error, Sendable, Hashable, CustomStringConvertible {
    /// As many keys, or as many waiters of this key, as are allowed are under way.
    case full
    /// The load had not ended at this caller's deadline.
    case deadlineExceeded

    /// Says what happened and what to do.
    public var description: String {
        switch self {
        case .full: "too many loads, or too many callers of one, are under way: try again later"
        case .deadlineExceeded: "the shared load did not end before the caller's deadline: try again later"
        }
    }
}
