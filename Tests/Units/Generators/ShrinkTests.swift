import Testing

@testable import Generators

/// The shrinking challenge (https://github.com/jlink/shrinking-challenge): faults whose smallest case is known.
@Suite("Shrinking")
struct ShrinkTests {
    /// The smallest failing case, from each of many seeds, described.
    func smallest<Value>(
        _ generator: Generator<Value>, seeds: Range<UInt64> = 0..<25,
        where isFailing: @escaping @Sendable (Value) -> Bool
    ) async -> Set<String> {
        var found: Set<String> = []
        for seed in seeds {
            do {
                try await check(generator, count: 5000, seed: seed << 32, limits: .init(), environment: .quiet) {
                    value in
                    try ensure(!isFailing(value), "it fails")
                }
            } catch CheckFailure.broken(let counterexample) {
                found.insert(counterexample.smallestCase)
            } catch {
                found.insert("\(error)")
            }
        }
        return found
    }

    @Test("an integer shrinks to the edge")
    func edge() async {
        #expect(await smallest(.int(in: -10_000...10_000)) { $0 >= 37 } == ["37"])
        #expect(await smallest(.int(in: -10_000...10_000)) { $0 <= -37 } == ["-37"])
        #expect(await smallest(.int(in: 100...10_000)) { $0 > 100 } == ["101"])
    }

    @Test("a list whose sum is too large shrinks to one element")
    func sum() async {
        let lists = Generator.array(of: .int(in: 0...10_000), count: 0...50)
        #expect(await smallest(lists) { $0.reduce(0, +) > 1000 } == ["[1001]"])
    }

    @Test("a list whose sum is too large for one element shrinks to the fewest, in order")
    func sumOfFew() async {
        let lists = Generator.array(of: .int(in: 0...900), count: 0...50)
        #expect(await smallest(lists) { $0.reduce(0, +) > 1000 } == ["[101, 900]"])
    }

    @Test("a list with three distinct elements shrinks to 0, 1, 2")
    func distinct() async {
        let lists = Generator.array(of: .int(in: 0...1000), count: 0...50)
        #expect(await smallest(lists) { Set($0).count >= 3 } == ["[0, 1, 2]"])
    }

    @Test("a list with a repeated element shrinks to two zeros, or two of what must be large")
    func repeated() async {
        let lists = Generator.array(of: .int(in: 0...20), count: 0...50)
        #expect(await smallest(lists) { Set($0).count < $0.count } == ["[0, 0]"])
        let isTwin: @Sendable ([Int]) -> Bool = { list in
            list.indices.contains { index in list[index] > 7 && list[..<index].contains(list[index]) }
        }
        #expect(await smallest(lists, where: isTwin) == ["[8, 8]"])
    }

    @Test("a list that is not its own reverse shrinks to 0, 1")
    func reverse() async {
        let lists = Generator.array(of: .int(in: -100...100), count: 0...50)
        #expect(await smallest(lists) { $0 != $0.reversed() } == ["[0, 1]"])
    }

    @Test("a length that is drawn first shrinks with its elements")
    func lengthFirst() async {
        let lists = Generator<Int>.int(in: 0...30).flatMap { count in
            Generator.array(of: .int(in: 0...100), count: count...count)
        }
        #expect(await smallest(lists) { ($0.max() ?? 0) > 10 } == ["[11]"])
    }

    @Test("a string shrinks to the character that matters")
    func string() async {
        #expect(await smallest(.string(count: 0...40)) { $0.contains("%") } == ["\"%\""])
    }

    @Test("a nested list shrinks to what matters")
    func nested() async {
        let lists = Generator.array(of: .array(of: .int(in: 0...9), count: 0...10), count: 0...10)
        let found = await smallest(lists) { $0.reduce(0) { $0 + $1.count } > 5 }
        #expect(found == ["[[0, 0, 0, 0, 0, 0]]"])
    }

    @Test("shrinking keeps to its limits and says that it was cut short")
    func limits() async throws {
        let lists = Generator.array(of: .int(in: 0...10_000), count: 0...50)
        let limits = CheckLimits(shrinkRuns: 3)
        var runs = 0
        do {
            try await check(lists, count: 1000, seed: 1, limits: limits, environment: .quiet) { list in
                runs += 1
                try ensure(list.reduce(0, +) < 100_000, "too much")
            }
            Issue.record("it should have failed")
        } catch CheckFailure.broken(let counterexample) {
            #expect(counterexample.shrinkRuns == 3)
            #expect(!counterexample.isFullyShrunk)
            #expect(runs == counterexample.casesHeld + 1 + 3)
        }
    }
}

extension LiveEnvironment {
    /// Deaf to the variables of this very test run.
    static var quiet: LiveEnvironment {
        LiveEnvironment(variable: { _ in nil })
    }
}
