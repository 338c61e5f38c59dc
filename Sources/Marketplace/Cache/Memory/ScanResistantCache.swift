/// A cache bounded by bytes that a scan cannot empty: S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi: "FIFO queues are all you
/// need for cache eviction", SOSP 2023).
///
/// New keys enter a small queue, a tenth of the bytes. Who is asked for again before leaving it goes on to the main
/// queue; who is not goes, and leaves a ghost: coming back while the ghost is remembered leads straight to the main
/// queue. So keys that are wanted once, a scan, only ever push each other out. The main queue gives those that were
/// asked for another round, up to three. A hit only counts up to three in its own entry and moves nothing.
struct ScanResistantCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Slot: Sendable {
        var content: (key: Key, value: Value)?
        var cost = 0
        var frequency: UInt8 = 0
        var isMain = false
        /// Towards the head; -1 at it.
        var newer = -1
        /// Towards the tail, or the next free slot; -1 at the end.
        var older = -1
    }

    /// What all entries may cost together.
    let capacity: Int
    private var slots: [Slot] = []
    private var places: [Key: Int] = [:]
    private var free = -1
    private var small = SlotQueue()
    private var main = SlotQueue()
    private var ghosts = GhostQueue()

    private static var maximumFrequency: UInt8 { 3 }

    /// Empty.
    init(capacity: Int) {
        self.capacity = max(0, capacity)
    }

    /// What the entries cost now; never more than ``capacity``.
    var bytes: Int { small.bytes + main.bytes }
    var count: Int { places.count }

    /// The value of a key; asking for it makes it stay longer.
    mutating func value(for key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        if slots[place].frequency < Self.maximumFrequency { slots[place].frequency += 1 }
        return slots[place].content?.value
    }

    /// Keeps a value, for whose cost others go. One that costs more than an eighth of everything is not kept.
    /// - Returns: whether it is kept.
    @discardableResult
    mutating func insert(_ value: Value, for key: Key, cost: Int) -> Bool {
        guard cost > 0, cost <= capacity / 8 else {
            remove(key)
            return false
        }
        if let place = places[key] {
            // A new value of the same key keeps its standing.
            add(cost - slots[place].cost, toMain: slots[place].isMain)
            slots[place].content = (key, value)
            slots[place].cost = cost
            while bytes > capacity { evict() }
            return places[key] != nil
        }
        while bytes + cost > capacity { evict() }
        let place = takeSlot()
        slots[place] = Slot(content: (key, value), cost: cost)
        places[key] = place
        link(place, toMain: ghosts.take(key.hashValue))
        return true
    }

    /// Takes a key away; it leaves no ghost.
    @discardableResult
    mutating func remove(_ key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        return release(place)?.value
    }

    /// Takes everything away.
    mutating func removeAll() {
        self = Self(capacity: capacity)
    }

    /// The keys that were asked for since they entered, those of the main queue first, at most so many.
    func wanted(limit: Int) -> [Key] {
        var keys: [Key] = []
        for queue in [main, small] {
            var place = queue.head
            while place >= 0, keys.count < limit {
                if slots[place].isMain || slots[place].frequency > 0, let key = slots[place].content?.key {
                    keys.append(key)
                }
                place = slots[place].older
            }
        }
        return keys
    }

    // MARK: Going

    /// Lets one go, or moves keys from the small queue to the main one. Called until there is room: each call lets one
    /// go or lowers what is left in the small queue.
    private mutating func evict() {
        if small.count > 0, small.bytes >= capacity / 10 || main.count == 0 {
            evictFromSmall()
        } else {
            evictFromMain()
        }
    }

    private mutating func evictFromSmall() {
        while small.tail >= 0 {
            let place = small.tail
            if slots[place].frequency > 1 {
                unlink(place)
                slots[place].frequency = 0
                link(place, toMain: true)
            } else {
                if let content = release(place) {
                    // As many as there are entries. The paper has as many as the main queue's, which is empty at first:
                    // nobody would ever come back in time to fill it.
                    ghosts.add(content.key.hashValue, limit: max(16, count))
                }
                return
            }
        }
    }

    /// Ends: each round lowers a frequency, of which nobody has more than three.
    private mutating func evictFromMain() {
        while main.tail >= 0 {
            let place = main.tail
            guard slots[place].frequency > 0 else {
                release(place)
                return
            }
            unlink(place)
            slots[place].frequency -= 1
            link(place, toMain: true)
        }
    }

    // MARK: Slots

    private mutating func takeSlot() -> Int {
        guard free >= 0 else {
            slots.append(Slot())
            return slots.count - 1
        }
        defer { free = slots[free].older }
        return free
    }

    @discardableResult
    private mutating func release(_ place: Int) -> (key: Key, value: Value)? {
        unlink(place)
        let content = slots[place].content
        if let content { places[content.key] = nil }
        slots[place] = Slot(older: free)
        free = place
        return content
    }

    private mutating func add(_ cost: Int, toMain: Bool) {
        if toMain { main.bytes += cost } else { small.bytes += cost }
    }

    private mutating func link(_ place: Int, toMain: Bool) {
        var queue = toMain ? main : small
        slots[place].isMain = toMain
        slots[place].newer = -1
        slots[place].older = queue.head
        if queue.head >= 0 { slots[queue.head].newer = place } else { queue.tail = place }
        queue.head = place
        queue.count += 1
        queue.bytes += slots[place].cost
        if toMain { main = queue } else { small = queue }
    }

    private mutating func unlink(_ place: Int) {
        let slot = slots[place]
        var queue = slot.isMain ? main : small
        if slot.newer >= 0 { slots[slot.newer].older = slot.older } else { queue.head = slot.older }
        if slot.older >= 0 { slots[slot.older].newer = slot.newer } else { queue.tail = slot.newer }
        queue.count -= 1
        queue.bytes -= slot.cost
        if slot.isMain { main = queue } else { small = queue }
    }
}
