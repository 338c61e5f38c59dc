import DequeModule

/// The bulkhead as a value: a number of slots and a bounded queue for those who wait for one, first come first served.
///
/// Nygard, *Release It!*, "Bulkheads": a dependency that hangs may use up its own slots, never the whole process.
/// Waiters are named by number; the shell keeps whatever has to be resumed.
public struct BulkheadState: Sendable {
    /// What became of a request for a slot.
    public enum Decision: Sendable, Hashable {
        /// The slot is taken; it has to be released.
        case granted
        /// The request waits under this number; numbers are never used twice.
        case queued(UInt64)
        /// The queue is full.
        case refused
    }

    /// How many may work at once.
    public let slots: Int
    /// How many may wait.
    public let maximumWaiters: Int
    /// How many slots are taken.
    public private(set) var used = 0
    private var queue: Deque<UInt64> = []
    private var nextWaiter: UInt64 = 0

    /// All slots free.
    /// - Parameters:
    ///   - slots: at least 1.
    ///   - maximumWaiters: at least 0.
    public init(slots: Int, maximumWaiters: Int) {
        self.slots = max(slots, 1)
        self.maximumWaiters = max(maximumWaiters, 0)
    }

    /// How many wait.
    public var waiting: Int { queue.count }

    /// Whether a waiter is still in the queue.
    public func isWaiting(_ waiter: UInt64) -> Bool { queue.contains(waiter) }

    /// Asks for a slot. Nobody overtakes those who wait.
    public mutating func request() -> Decision {
        if used < slots {
            used += 1
            return .granted
        }
        guard queue.count < maximumWaiters else { return .refused }
        nextWaiter += 1
        queue.append(nextWaiter)
        return .queued(nextWaiter)
    }

    /// Gives a slot back.
    /// - Returns: the waiter that takes the slot over, if any.
    public mutating func release() -> UInt64? {
        precondition(used > 0, "a slot was released that nobody held")
        if let next = queue.popFirst() { return next }
        used -= 1
        return nil
    }

    /// Takes a waiter out of the queue because it was cancelled or its deadline has passed.
    /// - Returns: false when it does not wait any more: then it holds a slot, or has left before.
    public mutating func leave(_ waiter: UInt64) -> Bool {
        guard let index = queue.firstIndex(of: waiter) else { return false }
        queue.remove(at: index)
        return true
    }
}
