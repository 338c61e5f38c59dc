import Synchronization
import Testing

@testable import Generators

@Suite("Generators")
struct GeneratorTests {
    /// Values that a generator makes from a run of seeds.
    func samples<Value>(_ generator: Generator<Value>, count: Int = 2000) throws -> [Value] {
        try (0..<count).map { seed in
            var source = ChoiceSource(seed: UInt64(seed), maximumChoices: 10_000)
            return try generator.draw(from: &source)
        }
    }

    @Test(
        "integers stay in their range and reach its ends",
        arguments: [0...0, -1...1, 5...9, -9 ... -5, Int.min...Int.max, 0...Int.max, Int.min...0, -3...100])
    func integers(range: ClosedRange<Int>) throws {
        let values = try samples(.int(in: range))
        #expect(values.allSatisfy(range.contains))
        #expect(values.contains(range.upperBound) || range == Int.min...Int.max || range.upperBound <= 0)
        var zeros = ChoiceSource(replaying: [], maximumChoices: 10)
        let simplest = try Generator.int(in: range).draw(from: &zeros)
        #expect(simplest == min(max(0, range.lowerBound), range.upperBound))
    }

    @Test("integers of every width work at their ends")
    func widths() throws {
        let bytes = Set(try samples(Generator<Int8>.int(in: .min ... .max), count: 20_000))
        #expect(bytes.count == 256)
        #expect(try samples(Generator<UInt64>.int(in: .min ... .max)).contains(.max))
    }

    @Test("arrays have every length of their range")
    func arrays() throws {
        let values = try samples(.array(of: .bool, count: 2...5))
        #expect(Set(values.map(\.count)) == [2, 3, 4, 5])
    }

    @Test("strings are made of their alphabet")
    func strings() throws {
        let values = try samples(.string(of: "ab", count: 0...3))
        #expect(Set(values).count == 15)
    }

    @Test("frequency follows the weights and leaves out what weighs nothing")
    func frequency() throws {
        let values = try samples(.frequency([(1, .always("rare")), (0, .always("never")), (9, .always("often"))]))
        let rare = values.count { $0 == "rare" }
        #expect(!values.contains("never"))
        #expect((100...320).contains(rare))
    }

    @Test("permutations keep the elements, and all of them come up")
    func permutations() throws {
        let values = try samples(.permutation(of: [1, 2, 3]))
        #expect(values.allSatisfy { $0.sorted() == [1, 2, 3] })
        #expect(Set(values).count == 6)
    }

    @Test("map, flatMap, filter, optional, oneOf and zip combine")
    func combinators() throws {
        let generator = zip(
            Generator<Int>.int(in: 1...3).flatMap { .array(of: .int(in: 0...9), count: $0...$0) },
            Generator<Int>.int(in: 0...99).filter { $0.isMultiple(of: 2) }.map { $0 / 2 },
            Generator.optional(.element(of: ["x", "y"])),
            Generator<Int>.oneOf(.always(1), .int(in: 5...6)))
        let values = try samples(generator)
        #expect(Set(values.map(\.0.count)) == [1, 2, 3])
        #expect(values.allSatisfy { (0..<50).contains($0.1) })
        #expect(Set(values.map(\.2)) == [nil, "x", "y"])
        #expect(Set(values.map(\.3)) == [1, 5, 6])
    }

    @Test("what was recorded makes the same value again")
    func replay() throws {
        let generator = Generator.array(
            of: zip(Generator<Int>.int(in: -5...5).filter { $0 != 0 }, Generator.string(count: 0...4)), count: 0...9)
        for seed in 0..<200 {
            var source = ChoiceSource(seed: UInt64(seed), maximumChoices: 10_000)
            let value = try generator.draw(from: &source)
            var recorded = ChoiceSource(replaying: source.choices, maximumChoices: 10_000)
            let again = try generator.draw(from: &recorded)
            #expect("\(value)" == "\(again)")
            #expect(recorded.choices == source.choices)
        }
    }

    @Test("a case that grows past its limit is rejected, not endless")
    func limits() {
        var source = ChoiceSource(seed: 1, maximumChoices: 100)
        let bytes = Generator<[UInt8]>.bytes(count: 1000...1000)
        #expect(throws: Rejection(reason: "more than 100 choices")) { try bytes.draw(from: &source) }
    }
}
