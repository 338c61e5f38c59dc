import DequeModule

/// A bounded first-come, first-served line with a deadline for each place.
struct WaitingLine<Element> {
    struct Place: Hashable, Sendable {
        fileprivate var number: UInt64
    }

    private struct Waiter {
        var place: Place
        /// Nil once it has left.
        var element: Element?
        var until: ContinuousClock.Instant
    }

    private let limit: Int
    private var waiters: Deque<Waiter> = []
    private var lastNumber: UInt64 = 0
    private(set) var count = 0
    /// The earliest moment at which somebody's time is over, or an earlier one; nil when nobody waits.
    private(set) var nextExpiry: ContinuousClock.Instant?

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count >= limit }

    /// Adds an element at the end. Ask ``isFull`` before.
    mutating func append(_ element: Element, until: ContinuousClock.Instant) -> Place {
        lastNumber += 1
        let place = Place(number: lastNumber)
        waiters.append(Waiter(place: place, element: element, until: until))
        count += 1
        nextExpiry = Swift.min(nextExpiry ?? until, until)
        return place
    }

    mutating func popFirst() -> Element? {
        while let waiter = waiters.popFirst() {
            guard let element = waiter.element else { continue }
            count -= 1
            if count == 0 { nextExpiry = nil }
            return element
        }
        return nil
    }

    /// Takes an element out of the middle; nil when it is no longer there.
    mutating func remove(_ place: Place) -> Element? {
        // Numbers only grow along the line, so that a place is found by halving.
        var low = 0
        var high = waiters.count
        while low < high {
            let middle = (low + high) / 2
            if waiters[middle].place.number < place.number { low = middle + 1 } else { high = middle }
        }
        guard low < waiters.count, waiters[low].place == place, let element = waiters[low].element else { return nil }
        waiters[low].element = nil
        count -= 1
        if count == 0 { nextExpiry = nil }
        return element
    }

    /// Takes out everyone whose time is over.
    mutating func expire(now: ContinuousClock.Instant) -> [Element] {
        guard let due = nextExpiry, due <= now else { return [] }
        nextExpiry = nil
        var gone: [Element] = []
        for index in waiters.indices {
            guard let element = waiters[index].element else { continue }
            let until = waiters[index].until
            if until <= now {
                waiters[index].element = nil
                gone.append(element)
            } else {
                nextExpiry = Swift.min(nextExpiry ?? until, until)
            }
        }
        count -= gone.count
        while let first = waiters.first, first.element == nil { waiters.removeFirst() }
        return gone
    }

    mutating func removeAll() -> [Element] {
        defer {
            waiters = []
            count = 0
            nextExpiry = nil
        }
        return waiters.compactMap(\.element)
    }
}
