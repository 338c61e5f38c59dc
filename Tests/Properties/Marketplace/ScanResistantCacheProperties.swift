import Generators
import Testing

@testable import Marketplace

@Suite("The memory cache's policy, whatever is asked in whatever order")
struct ScanResistantCacheProperties {
    enum Event: Sendable {
        case ask(Int)
        case keep(Int, cost: Int)
        case remove(Int)
    }

    private static let event = Generator<Event>.frequency([
        (5, Generator<Int>.int(in: 0...19).map { .ask($0) }),
        (
            5,
            Generator<Int>.int(in: 0...19).flatMap { key in
                Generator<Int>.int(in: 1...40).map { .keep(key, cost: $0) }
            }
        ),
        (1, Generator<Int>.int(in: 0...19).map { .remove($0) }),
    ])

    @Test("agrees with a reference written after the paper, and never passes its bound")
    func model() async throws {
        try await check(Generator.array(of: Self.event, count: 0...200), count: 300) { events in
            var cache = ScanResistantCache<Int, Int>(capacity: 160)
            var model = ReferenceCache(capacity: 160)
            for (time, event) in events.enumerated() {
                switch event {
                case .ask(let key):
                    let (ours, theirs) = (cache.value(for: key), model.value(for: key))
                    try ensure(
                        ours == theirs, "\(key) is \(String(describing: ours)), not \(String(describing: theirs))")
                case .keep(let key, let cost):
                    let (ours, theirs) = (
                        cache.insert(time, for: key, cost: cost), model.insert(time, for: key, cost: cost)
                    )
                    try ensure(ours == theirs, "\(key) was \(ours ? "" : "not ")kept")
                case .remove(let key):
                    try ensure(cache.remove(key) == model.remove(key), "\(key) was another when removed")
                }
                try ensure(cache.bytes <= cache.capacity, "\(cache.bytes) bytes of \(cache.capacity)")
                try ensure(cache.bytes == model.bytes, "\(cache.bytes) bytes, not \(model.bytes)")
                try ensure(cache.count == model.entries.count, "\(cache.count) entries, not \(model.entries.count)")
            }
        }
    }

    @Test("a scan of any length leaves what is wanted where it is")
    func scan() async throws {
        try await check(Generator<Int>.int(in: 100...5000), count: 30) { length in
            var cache = ScanResistantCache<Int, Int>(capacity: 10_000)
            let hot = Array(0..<60)
            func askAll() {
                for key in hot where cache.value(for: key) == nil { cache.insert(key, for: key, cost: 100) }
            }
            for _ in 0..<4 { askAll() }
            // Fills the small queue, so that the hot keys have left it for the main one.
            for key in 1_000..<1_200 { cache.insert(key, for: key, cost: 100) }
            for _ in 0..<2 { askAll() }
            for key in 10_000..<10_000 + length { cache.insert(key, for: key, cost: 100) }
            let left = hot.count { cache.value(for: $0) != nil }
            try ensure(left == hot.count, "\(left) of \(hot.count) hot keys are left after \(length) cold ones")
        }
    }

    @Test("what is wanted finds its place also when cold keys were there first, and come between")
    func late() {
        var cache = ScanResistantCache<Int, Int>(capacity: 10_000)
        var cold = 1_000
        var found = 0
        // A hundred keys have room. Between two questions for a wanted one come 120 others.
        for _ in 0..<10 {
            found = 0
            for key in 0..<30 {
                if cache.value(for: key) == nil { cache.insert(key, for: key, cost: 100) } else { found += 1 }
                for _ in 0..<3 {
                    cache.insert(cold, for: cold, cost: 100)
                    cold += 1
                }
            }
        }
        #expect(found == 30)
    }

    @Test("what is let go under pressure comes back to stay")
    func ghosts() throws {
        var cache = ScanResistantCache<Int, Int>(capacity: 1000)
        for key in 0..<20 { cache.insert(key, for: key, cost: 50) }
        cache.insert(100, for: 100, cost: 50)
        #expect(cache.value(for: 0) == nil)
        cache.insert(0, for: 0, cost: 50)
        for key in 200..<400 { cache.insert(key, for: key, cost: 50) }
        #expect(cache.value(for: 0) == 0)
    }
}

/// S3-FIFO with plain arrays, as the paper's listing has it: newest first.
private struct ReferenceCache {
    struct Entry {
        var value: Int
        var cost: Int
        var frequency = 0
    }

    let capacity: Int
    var entries: [Int: Entry] = [:]
    private var small: [Int] = []
    private var main: [Int] = []
    /// Newest last. A key that comes in again leaves its older place to age out.
    private var ghosts: [(key: Int, isAlive: Bool)] = []

    init(capacity: Int) { self.capacity = capacity }

    var bytes: Int { entries.values.reduce(0) { $0 + $1.cost } }
    private var smallBytes: Int { small.reduce(0) { $0 + (entries[$1]?.cost ?? 0) } }

    mutating func value(for key: Int) -> Int? {
        guard let entry = entries[key] else { return nil }
        entries[key]?.frequency = min(3, entry.frequency + 1)
        return entry.value
    }

    mutating func insert(_ value: Int, for key: Int, cost: Int) -> Bool {
        guard cost <= capacity / 8 else {
            _ = remove(key)
            return false
        }
        if entries[key] != nil {
            entries[key]?.value = value
            entries[key]?.cost = cost
            while bytes > capacity { evict() }
            return entries[key] != nil
        }
        while bytes + cost > capacity { evict() }
        entries[key] = Entry(value: value, cost: cost)
        if let ghost = ghosts.lastIndex(where: { $0.key == key && $0.isAlive }) {
            ghosts[ghost].isAlive = false
            main.insert(key, at: 0)
        } else {
            small.insert(key, at: 0)
        }
        return true
    }

    mutating func remove(_ key: Int) -> Int? {
        small.removeAll { $0 == key }
        main.removeAll { $0 == key }
        return entries.removeValue(forKey: key)?.value
    }

    private mutating func evict() {
        if !small.isEmpty, smallBytes >= capacity / 10 || main.isEmpty {
            while let key = small.popLast() {
                if let entry = entries[key], entry.frequency > 1 {
                    entries[key]?.frequency = 0
                    main.insert(key, at: 0)
                } else {
                    entries[key] = nil
                    for index in ghosts.indices where ghosts[index].key == key { ghosts[index].isAlive = false }
                    ghosts.append((key, true))
                    while ghosts.count > max(16, entries.count) { ghosts.removeFirst() }
                    return
                }
            }
        } else {
            while let key = main.popLast() {
                guard let entry = entries[key], entry.frequency > 0 else {
                    entries[key] = nil
                    return
                }
                entries[key]?.frequency -= 1
                main.insert(key, at: 0)
            }
        }
    }
}
