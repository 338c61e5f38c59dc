import Generators
import Postgres
import Testing

@testable import Marketplace

@Suite("Sessions, whatever they have seen")
struct ConsistencyProperties {
    private static let position = zip(Generator<UInt32>.int(in: 1...4), Generator<UInt64>.int(in: 0...60)).map {
        ShardPosition(timeline: $0, wal: WALPosition(bytes: $1))
    }
    private static let token = zip(
        Generator<Int>.int(in: 1...9),
        Generator.array(of: zip(Generator<Int>.int(in: 0...5), position), count: 0...8)
    ).map { version, seen in
        var token = ConsistencyToken(mapVersion: version)
        for (shard, position) in seen { token.saw("shard-\(shard)", position) }
        return token
    }

    @Test("a token reads as it was written; merging forgets nothing and its order does not matter")
    func merging() async throws {
        try await check(zip(Self.token, Self.token, Self.token), count: 500) { a, b, c in
            for token in [a, b, c] {
                try ensure(ConsistencyToken(token.description) == token, "\(token) does not read as it was written")
            }
            func merged(_ tokens: ConsistencyToken...) -> ConsistencyToken {
                tokens.dropFirst().reduce(into: tokens[0]) { $0.merge($1) }
            }
            try ensure(merged(a, b) == merged(b, a), "\(a) and \(b) merge differently the other way round")
            try ensure(merged(merged(a, b), c) == merged(a, merged(b, c)), "merging depends on the order")
            try ensure(merged(a, a) == a, "merging a token with itself changes it")
            for (shard, position) in a.positions {
                let after = merged(a, b).positions[shard]
                let isKept = after.map { $0.timeline > position.timeline || $0.satisfies(position) } ?? false
                try ensure(isKept, "\(shard) went back from \(position) to \(String(describing: after))")
            }
        }
    }

    @Test("any text is either refused or read as something that is written again")
    func anyText() async throws {
        let pieces = ["1", "0", ";", "=", ":", "shard-0", "A", "FF", " ", "é", "-", "18446744073709551616"]
        let text = Generator.array(of: Generator<String>.element(of: pieces), count: 0...12).map { $0.joined() }
        try await check(text, count: 2000) { text in
            guard let token = ConsistencyToken(text) else { return }
            try ensure(ConsistencyToken(token.description) == token, "\(text) is read as \(token)")
        }
    }

    /// The log that a position stands for: which timeline wrote each byte up to it.
    private func log(_ position: ShardPosition, _ ends: [UInt64]) -> [UInt32] {
        (0..<position.wal.bytes).map { byte in
            let writer = ends.prefix(Int(position.timeline) - 1).firstIndex { byte < $0 }
            return writer.map { UInt32($0 + 1) } ?? position.timeline
        }
    }

    @Test("a position satisfies a requirement exactly when its log begins with the requirement's, as the bytes say")
    func satisfying() async throws {
        let ends = Generator.array(of: Generator<UInt64>.int(in: 0...60), count: 3...3).map { $0.sorted() }
        try await check(zip(ends, Self.position, Self.position), count: 3000) { ends, data, requirement in
            let lines = ends.enumerated().map { "\($0.offset + 1)\t0/\(String($0.element, radix: 16))\tx" }
            let history = TimelineHistory(of: 4, file: lines.joined(separator: "\n"))
            let (has, wants) = (log(data, ends), log(requirement, ends))
            let isTrue = has.starts(with: wants)
            let isSaid = data.satisfies(requirement, history: history)
            if isSaid { try ensure(isTrue, "\(data) does not have all of \(requirement)") }
            if data.timeline >= requirement.timeline {
                // At most cautious where two timelines share what both have.
                let isWithin =
                    requirement.timeline == data.timeline
                    || requirement.wal.bytes <= ends[Int(requirement.timeline) - 1]
                if isTrue, isWithin { try ensure(isSaid, "\(data) has all of \(requirement) and says it has not") }
            }
            let newest = ShardPosition(timeline: 4, wal: WALPosition(bytes: 60))
            let isLost = !log(newest, ends).starts(with: wants)
            if history.hasLost(requirement) {
                let beyond = requirement.wal.bytes > ends[Int(min(requirement.timeline, 3)) - 1]
                try ensure(requirement.timeline < 4 && beyond, "\(requirement) is said to be lost and is not")
            } else {
                try ensure(!isLost || requirement.timeline == 4, "\(requirement) is lost and nobody says so")
            }
        }
    }
}
