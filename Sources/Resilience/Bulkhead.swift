import Synchronization

/// A limit on how many calls use one dependency at a time, with a bounded queue whose waiters have deadlines.
///
/// A slot cannot leak: ``run(deadline:isolation:_:)`` gives it back however the work ends, and a waiter that is
/// cancelled or late is either still in the queue, and leaves it without a slot, or has its slot already, and returns
/// it as usual.
public final class Bulkhead: Sendable {
    /// What a waiting caller is told.
    private enum Verdict: Sendable {
        case granted
        case deadlineExceeded
        case cancelled
    }

    private struct Waiter {
        var continuation: CheckedContinuation<Verdict, Never>
        var alarm: Task<Void, Never>?
    }

    private struct Guarded {
        var state: BulkheadState
        var waiters: [UInt64: Waiter] = [:]
    }

    /// The dependency's name, for messages.
    public let name: String
    private let time: TimeSource
    private let guarded: Mutex<Guarded>

    /// Makes a bulkhead with all slots free.
    /// - Parameters:
    ///   - slots: how many may work at once, at least 1.
    ///   - maximumWaiters: how many may wait, at least 0.
    public init(name: String, slots: Int, maximumWaiters: Int, time: TimeSource = .live) {
        self.name = name
        self.time = time
        self.guarded = Mutex(Guarded(state: BulkheadState(slots: slots, maximumWaiters: maximumWaiters)))
    }

    /// How many slots are taken.
    public var used: Int { guarded.withLock { $0.state.used } }

    /// How many callers wait.
    public var waiting: Int { guarded.withLock { $0.state.waiting } }

    /// Does some work in a slot.
    /// - Parameters:
    ///   - deadline: how long it may wait for the slot; the work has to watch its own deadline.
    ///   - body: the work.
    /// - Throws: ``BulkheadError`` when it got no slot, so that nothing was done; else what the work throws.
    public func run<Value>(
        deadline: ContinuousClock.Instant, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await acquire(deadline: deadline)
        defer { release() }
        return try await body()
    }

    /// Takes a slot, waiting for one until the deadline. Whoever gets one has to call ``release()``.
    /// - Throws: ``BulkheadError``; then no slot is held.
    public func acquire(deadline: ContinuousClock.Instant) async throws(BulkheadError) {
        if Task.isCancelled { throw failure(.cancelled) }
        switch guarded.withLock({ $0.state.request() }) {
        case .granted: return
        case .refused: throw failure(.queueFull)
        case .queued(let waiter):
            switch await wait(waiter, deadline: deadline) {
            case .granted: return
            case .deadlineExceeded: throw failure(.deadlineExceeded)
            case .cancelled: throw failure(.cancelled)
            }
        }
    }

    /// Takes a slot if one is free now.
    /// - Returns: whether it did; then ``release()`` has to be called.
    public func tryAcquire() -> Bool {
        guarded.withLock { guarded in
            guard guarded.state.used < guarded.state.slots else { return false }
            return guarded.state.request() == .granted
        }
    }

    /// Gives a slot back; the longest waiting caller takes it over.
    public func release() {
        let waiter: Waiter? = guarded.withLock { guarded in
            // A caller that was queued but has not yet stored its continuation finds its grant when it comes to it.
            guard let next = guarded.state.release() else { return nil }
            return guarded.waiters.removeValue(forKey: next)
        }
        resume(waiter, .granted)
    }

    private func wait(_ waiter: UInt64, deadline: ContinuousClock.Instant) async -> Verdict {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Verdict, Never>) in
                let isQueued = guarded.withLock { guarded in
                    guard guarded.state.isWaiting(waiter) else { return false }
                    guarded.waiters[waiter] = Waiter(continuation: continuation)
                    return true
                }
                guard isQueued else { return continuation.resume(returning: .granted) }
                // The handler may have run before the continuation was there to be found.
                if Task.isCancelled { return giveUp(waiter, .cancelled) }
                setAlarm(for: waiter, at: deadline)
            }
        } onCancel: {
            giveUp(waiter, .cancelled)
        }
    }

    private func setAlarm(for waiter: UInt64, at deadline: ContinuousClock.Instant) {
        let alarm = Task { [weak self, time] in
            do { try await time.sleep(deadline) } catch { return }
            self?.giveUp(waiter, .deadlineExceeded)
        }
        let isStillWaiting = guarded.withLock { guarded in
            guard guarded.waiters[waiter] != nil else { return false }
            guarded.waiters[waiter]?.alarm = alarm
            return true
        }
        if !isStillWaiting { alarm.cancel() }
    }

    /// Takes a waiter out of the queue, unless it has been granted its slot in the meantime or is not there yet.
    private func giveUp(_ waiter: UInt64, _ verdict: Verdict) {
        let found: Waiter? = guarded.withLock { guarded in
            guard let found = guarded.waiters.removeValue(forKey: waiter) else { return nil }
            _ = guarded.state.leave(waiter)
            return found
        }
        resume(found, verdict)
    }

    private func resume(_ waiter: Waiter?, _ verdict: Verdict) {
        waiter?.alarm?.cancel()
        waiter?.continuation.resume(returning: verdict)
    }

    private func failure(_ reason: BulkheadError.Reason) -> BulkheadError {
        BulkheadError(name: name, reason: reason)
    }
}
