import Generators
import Testing

@testable import Marketplace

@Suite("A list over all shards, whichever of them are away and when")
struct ScatterProperties {
    /// Pages through items on shards; on each page some of the shards do not answer, until all do.
    private static func walk(_ shards: [[Int64]], absences: [Set<Int>], limit: Int) throws -> [Int64] {
        var cursor = ScatterCursor()
        var told: [Int64] = []
        for page in 0..<10_000 {
            let away = page < absences.count ? absences[page] : []
            var parts: [ScatterPage<Int64>.Part] = []
            for (index, items) in shards.enumerated() where !away.contains(index) {
                let after = cursor.position(of: "shard-\(index)")?.first ?? 0
                let found = items.sorted().filter { $0 > after }.prefix(limit + 1)
                parts.append(
                    .init(
                        shard: "shard-\(index)", items: found.map { (ScatterKey(first: $0, second: 1), $0) },
                        isCut: found.count > limit))
            }
            let missing = away.filter { $0 < shards.count }.map { "shard-\($0)" }
            let answer = ScatterPage(parts, missing: missing, after: cursor, limit: limit)
            try ensure(answer.items.count <= limit, "a page of \(answer.items.count), \(limit) were asked for")
            try ensure(answer.items == answer.items.sorted(), "a page out of order")
            try ensure(answer.missing == missing.sorted(), "the wrong shards are named")
            told += answer.items
            guard let next = answer.next else {
                try ensure(missing.isEmpty, "the last page came while \(missing) was away")
                return told
            }
            // As a client carries it.
            try ensure(ScatterCursor(next.description) == next, "\(next.description) does not come back as it was")
            cursor = next
        }
        throw Endless()
    }

    private struct Endless: Error {}

    @Test("every item comes once, and in order when no shard was away")
    func nothingLost() async throws {
        let items = Generator.array(of: Generator<Int64>.int(in: 1...400), count: 0...60)
        let away = Generator.array(
            of: Generator.array(of: Generator<Int>.int(in: 0...3), count: 0...3).map { Set($0) }, count: 0...12)
        let cases = zip(items, Generator<Int>.int(in: 1...4), away, Generator<Int>.int(in: 1...7))
        try await check(cases, count: 600) { items, count, away, limit in
            let all = Set(items)
            let shards = (0..<count).map { shard in all.filter { Int($0 * 2_654_435_761 % 97) % count == shard } }
            let told = try Self.walk(shards.map(Array.init), absences: away, limit: limit)
            try ensure(told.count == all.count && Set(told) == all, "told \(told.count) of \(all.count), \(told)")
            let whole = try Self.walk(shards.map(Array.init), absences: [], limit: limit)
            try ensure(whole == all.sorted(), "out of order though every shard answered")
        }
    }

    @Test("an item that two shards show at once, since its store is just moving, comes once")
    func moving() async throws {
        let page = ScatterPage(
            [
                .init(shard: "a", items: [(ScatterKey(first: 3, second: 1), "x")], isCut: false),
                .init(shard: "b", items: [(ScatterKey(first: 3, second: 1), "x")], isCut: false),
            ], missing: [], after: ScatterCursor(), limit: 5)
        #expect(page.items == ["x"] && page.next == nil)
    }

    @Test("texts that are no cursors are refused", arguments: ["", "c", "gx", "g~", "g~A.", "g~a", "g~a.b", "g~a.~"])
    func strange(text: String) {
        #expect(ScatterCursor(text) == nil)
    }
}
