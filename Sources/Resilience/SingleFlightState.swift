/// Who waits for which load, as a value: at most one load per key is under way, and each waiter is told once.
public struct SingleFlightState<Key: Hashable & Sendable>: Sendable {
    /// What a caller that wants a key has to do.
    public enum Decision: Sendable, Hashable {
        /// Nobody loads it: start the load under this flight's number, and wait.
        case lead(flight: UInt64, waiter: UInt64)
        /// It is being loaded: wait.
        case follow(flight: UInt64, waiter: UInt64)
        /// As many keys, or as many waiters of this key, as are allowed are under way.
        case refused
    }

    private struct Flight: Sendable {
        let number: UInt64
        var waiters: Set<UInt64>
    }

    /// How many keys may be loading at once.
    public let maximumKeys: Int
    /// How many callers may wait for one key.
    public let maximumWaitersPerKey: Int
    private var flights: [Key: Flight] = [:]
    private var lastFlight: UInt64 = 0
    private var lastWaiter: UInt64 = 0

    /// Nothing under way. Both limits are at least 1.
    public init(maximumKeys: Int, maximumWaitersPerKey: Int) {
        self.maximumKeys = max(maximumKeys, 1)
        self.maximumWaitersPerKey = max(maximumWaitersPerKey, 1)
    }

    /// How many keys are loading.
    public var keysLoading: Int { flights.count }

    /// How many callers wait for a key.
    public func waiting(for key: Key) -> Int { flights[key]?.waiters.count ?? 0 }

    /// A caller wants a key. Waiters' and flights' numbers are never used twice.
    public mutating func join(_ key: Key) -> Decision {
        if let flight = flights[key] {
            guard flight.waiters.count < maximumWaitersPerKey else { return .refused }
            lastWaiter += 1
            flights[key]?.waiters.insert(lastWaiter)
            return .follow(flight: flight.number, waiter: lastWaiter)
        }
        guard flights.count < maximumKeys else { return .refused }
        lastFlight += 1
        lastWaiter += 1
        flights[key] = Flight(number: lastFlight, waiters: [lastWaiter])
        return .lead(flight: lastFlight, waiter: lastWaiter)
    }

    /// A caller stops waiting. The load goes on: others may wait for it, and its result is of use to the next.
    /// - Returns: false when it was not waiting any more.
    public mutating func leave(_ key: Key, waiter: UInt64) -> Bool {
        flights[key]?.waiters.remove(waiter) != nil
    }

    /// A load has ended, well or badly.
    /// - Returns: the waiters to be told.
    public mutating func complete(_ key: Key, flight: UInt64) -> Set<UInt64> {
        guard let found = flights[key], found.number == flight else { return [] }
        flights[key] = nil
        return found.waiters
    }
}
