import Testing

@testable import Generators

@Suite("Command sequences")
struct CommandsTests {
    /// A ring buffer that forgets that its write position wraps around, when told to.
    struct Ring: Sendable {
        var storage = [Int](repeating: 0, count: 3)
        var first = 0
        var count = 0
        let isFaulty: Bool

        mutating func put(_ value: Int) {
            storage[(first + count) % (isFaulty ? 4 : 3) % 3] = value
            count += 1
        }

        mutating func take() -> Int {
            defer {
                first = (first + 1) % 3
                count -= 1
            }
            return storage[first]
        }
    }

    struct Queue: CommandModel {
        enum Command: Sendable, Equatable {
            case put(Int)
            case take
        }

        var elements: [Int] = []

        var commands: Generator<Command>? {
            let put = Generator<Int>.int(in: 0...9).map { Command.put($0) }
            if elements.isEmpty { return put }
            return elements.count == 3 ? .always(.take) : .oneOf(.always(.take), put)
        }

        mutating func apply(_ command: Command) {
            switch command {
            case .put(let value): elements.append(value)
            case .take: elements.removeFirst()
            }
        }

        func run(_ command: Command, on system: inout Ring) async throws {
            switch command {
            case .put(let value): system.put(value)
            case .take:
                let taken = system.take()
                try ensure(taken == elements[0], "took \(taken), not \(elements[0])")
            }
        }

        func checkInvariants(of system: Ring) async throws {
            try ensure(system.count == elements.count, "counts differ")
        }
    }

    @Test("a thing that follows its model passes")
    func right() async throws {
        try await check(
            Generator.commands(Queue.self), count: 300, seed: nil, limits: .init(), environment: .quiet
        ) { commands in
            try await commands.run(on: Ring(isFaulty: false))
        }
    }

    @Test("a thing that does not is shown with the fewest commands, each applicable")
    func wrong() async throws {
        for seed in 0..<10 {
            do {
                try await check(
                    Generator.commands(Queue.self), count: 1000, seed: UInt64(seed) << 32, limits: .init(),
                    environment: .quiet
                ) {
                    try await $0.run(on: Ring(isFaulty: true))
                }
                Issue.record("the fault was not found")
            } catch CheckFailure.broken(let counterexample) {
                #expect(counterexample.smallestCase.split(separator: "\n").count == smallestCommands)
            }
        }
    }

    /// Four in and two out to come to the end of the ring, one in that lands in the wrong place, two out to miss it.
    private let smallestCommands = 9
}
