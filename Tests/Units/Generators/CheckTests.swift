import Testing

@testable import Generators

@Suite("A check")
struct CheckTests {
    struct Odd: Error {}

    let numbers = Generator<Int>.int(in: 0...1_000_000)

    func failure(
        count: Int = 100, seed: UInt64? = 1, environment: LiveEnvironment = .quiet,
        _ property: (Int) async throws -> Void
    ) async -> CheckFailure? {
        do {
            try await check(
                numbers, count: count, seed: seed, limits: .init(), environment: environment, property)
            return nil
        } catch {
            return error as? CheckFailure
        }
    }

    @Test("tries as many cases as it is asked to")
    func count() async throws {
        var cases = 0
        try await check(numbers, count: 123, seed: nil, limits: .init(), environment: .quiet) { _ in cases += 1 }
        #expect(cases == 123)
    }

    @Test("tries the same cases for the same seed, and others for another")
    func seeds() async throws {
        func cases(_ seed: UInt64) async throws -> [Int] {
            var cases: [Int] = []
            try await check(numbers, count: 20, seed: seed, limits: .init(), environment: .quiet) { cases.append($0) }
            return cases
        }
        #expect(try await cases(5) == cases(5))
        #expect(try await cases(5) != cases(1_000_005))
    }

    @Test("prints a seed that makes the failing case again, as the first and only one")
    func replay() async throws {
        let isFailing: (Int) -> Bool = { $0 > 5000 }
        var failing: Int?
        let found = await failure(count: 100_000, seed: 77) { number in
            guard isFailing(number) else { return }
            if failing == nil { failing = number }
            throw Odd()
        }
        guard case .broken(let counterexample) = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(counterexample.smallestCase == "5001")
        #expect(counterexample.error is Odd)
        #expect(
            "\(CheckFailure.broken(counterexample))".contains(
                "SEAWORTHY_SEED=\(counterexample.seed) SEAWORTHY_CASES=1"))

        let variables = ["SEAWORTHY_SEED": "\(counterexample.seed)", "SEAWORTHY_CASES": "1"]
        var cases: [Int] = []
        let again = await failure(seed: 3, environment: LiveEnvironment(variable: { variables[$0] })) { number in
            cases.append(number)
            if isFailing(number) { throw Odd() }
        }
        #expect(cases.first == failing)
        guard case .broken(let second) = again else {
            Issue.record("\(String(describing: again))")
            return
        }
        #expect(second.smallestCase == counterexample.smallestCase)
    }

    @Test("refuses a seed that is none")
    func badSeed() async {
        let environment = LiveEnvironment(variable: { $0 == "SEAWORTHY_SEED" ? "soon" : nil })
        let found = await failure(environment: environment) { _ in }
        #expect("\(found!)".hasPrefix("SEAWORTHY_SEED is \"soon\", which is not a number"))
    }

    @Test("gives up on a generator that rejects nearly everything")
    func rejections() async {
        let none = numbers.filter { $0 < 0 }
        await #expect(throws: CheckFailure.self) {
            try await check(none, count: 5, seed: 1, limits: .init(), environment: .quiet) { _ in }
        }
    }

    @Test("stops when its time is over, and says how far it came")
    func time() async {
        let clock = SteppingClock()
        let environment = LiveEnvironment(now: { clock.step(by: .seconds(1)) }, variable: { _ in nil })
        let found = await failure(count: 1000, environment: environment) { _ in }
        guard case .outOfTime(let held, 1000) = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect((100...120).contains(held))
    }
}
