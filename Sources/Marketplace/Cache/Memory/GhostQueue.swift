import DequeModule

/// The keys that were let go last, by their hashes, first in first out: who comes back while its ghost is still here
/// was let go too early.
struct GhostQueue: Sendable {
    private var order = Deque<(hash: Int, number: UInt64)>()
    private var numbers: [Int: UInt64] = [:]
    private var last: UInt64 = 0

    var count: Int { numbers.count }

    /// Remembers a key, and forgets the oldest ones beyond the limit.
    mutating func add(_ hash: Int, limit: Int) {
        last += 1
        numbers[hash] = last
        order.append((hash, last))
        while order.count > limit, let oldest = order.popFirst() {
            // A key that went and came in between has a newer place in the queue.
            if numbers[oldest.hash] == oldest.number { numbers[oldest.hash] = nil }
        }
    }

    /// Whether the key is remembered; it is forgotten by being found.
    mutating func take(_ hash: Int) -> Bool {
        numbers.removeValue(forKey: hash) != nil
    }

    mutating func removeAll() {
        order.removeAll()
        numbers.removeAll()
    }
}
