import Generators
import Resilience
import Testing

@Suite("Single flight, whatever happens in whatever order")
struct SingleFlightProperties {
    enum Event: Sendable {
        case join(key: Int)
        case leave(Int)
        case complete(Int)
    }

    @Test("has at most one load per key, and tells every waiter exactly once")
    func oneLoadPerKey() async throws {
        let event = Generator<Event>.frequency([
            (5, Generator<Int>.int(in: 0...4).map { .join(key: $0) }),
            (2, Generator<Int>.int(in: 0...9).map { .leave($0) }),
            (2, Generator<Int>.int(in: 0...9).map { .complete($0) }),
        ])
        try await check(Generator.array(of: event, count: 0...80), count: 400) { events in
            var bench = SingleFlightBench()
            for event in events { try bench.take(event) }
            try bench.finish()
        }
    }
}

/// Single flight beside lists of who waits for which load.
private struct SingleFlightBench {
    private struct Load {
        let key: Int
        let flight: UInt64
        var waiters: Set<UInt64>
    }

    private var machine = SingleFlightState<Int>(maximumKeys: 3, maximumWaitersPerKey: 4)
    private var loads: [Load] = []
    /// Loads that have ended: completing them again must do nothing.
    private var ended: [Load] = []
    private var told: Set<UInt64> = []

    mutating func take(_ event: SingleFlightProperties.Event) throws {
        switch event {
        case .join(let key): try join(key)
        case .leave(let number):
            let waiting = loads.flatMap { load in load.waiters.sorted().map { (load.key, $0) } }
            guard !waiting.isEmpty else { return }
            let (key, waiter) = waiting[number % waiting.count]
            try ensure(machine.leave(key, waiter: waiter), "one who waited could not leave")
            try ensure(!machine.leave(key, waiter: waiter), "one left twice")
            try tell([waiter])
            for index in loads.indices { loads[index].waiters.remove(waiter) }
        case .complete(let number):
            if let stale = ended.last {
                try ensure(machine.complete(stale.key, flight: stale.flight).isEmpty, "an ended load ended again")
            }
            guard !loads.isEmpty else { return }
            try complete(number % loads.count)
        }
        try ensure(machine.keysLoading == loads.count, "\(loads.count) load, it says \(machine.keysLoading)")
    }

    mutating func finish() throws {
        while !loads.isEmpty { try complete(0) }
        try ensure(machine.keysLoading == 0, "\(machine.keysLoading) keys are loading for ever")
    }

    private mutating func join(_ key: Int) throws {
        let index = loads.firstIndex { $0.key == key }
        switch machine.join(key) {
        case .lead(let flight, let waiter):
            try ensure(index == nil, "a second load of \(key) was started beside the first")
            loads.append(Load(key: key, flight: flight, waiters: [waiter]))
        case .follow(let flight, let waiter):
            guard let index else { throw PropertyFailure(message: "\(waiter) waits for a load that nobody makes") }
            try ensure(loads[index].flight == flight, "\(waiter) waits for another key's load")
            try ensure(loads[index].waiters.insert(waiter).inserted, "two wait under one number")
        case .refused:
            let isFull = index.map { loads[$0].waiters.count == 4 } ?? (loads.count == 3)
            try ensure(isFull, "refused below the limits")
        }
    }

    private mutating func complete(_ index: Int) throws {
        let load = loads.remove(at: index)
        let waiters = machine.complete(load.key, flight: load.flight)
        try ensure(waiters == load.waiters, "\(load.waiters) waited, \(waiters) are told")
        try tell(waiters)
        ended.append(load)
    }

    private mutating func tell(_ waiters: Set<UInt64>) throws {
        try ensure(told.isDisjoint(with: waiters), "somebody is told twice")
        told.formUnion(waiters)
    }
}
