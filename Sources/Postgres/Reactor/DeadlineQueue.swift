import HeapModule

/// Things to do at moments: a heap, from which a cancelled entry disappears when it comes up.
struct DeadlineQueue<Value> {
    typealias ID = UInt64

    private struct Entry: Comparable {
        var moment: ContinuousClock.Instant
        var id: ID

        static func < (left: Self, right: Self) -> Bool {
            left.moment == right.moment ? left.id < right.id : left.moment < right.moment
        }
    }

    private var heap = Heap<Entry>()
    private var values: [ID: Value] = [:]
    private var lastID: ID = 0

    var count: Int { values.count }

    /// Adds a value; of those due at the same moment the one added first comes first.
    mutating func insert(_ value: Value, at moment: ContinuousClock.Instant) -> ID {
        lastID += 1
        heap.insert(Entry(moment: moment, id: lastID))
        values[lastID] = value
        return lastID
    }

    /// Takes a value out; nothing happens when it is no longer there.
    mutating func remove(_ id: ID) {
        guard values.removeValue(forKey: id) != nil else { return }
        // Entries of removed values are kept until they come up, unless they outnumber the others by far.
        if heap.count > 64, heap.count > values.count * 4 {
            heap = Heap(heap.unordered.filter { values[$0.id] != nil })
        }
    }

    /// The earliest moment at which something is due.
    var next: ContinuousClock.Instant? {
        mutating get {
            while let first = heap.min {
                if values[first.id] != nil { return first.moment }
                heap.removeMin()
            }
            return nil
        }
    }

    /// The first value that is due.
    mutating func popDue(at now: ContinuousClock.Instant) -> Value? {
        guard let moment = next, moment <= now else { return nil }
        return values.removeValue(forKey: heap.removeMin().id)
    }

    mutating func removeAll() {
        heap = Heap()
        values = [:]
    }
}
