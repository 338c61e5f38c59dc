import Testing

@testable import Chaos

/// The figures that scenarios written in Swift ask for: `run.errors(in: .fault)`, `run.latency(.p99, in: .fault)`.
@Suite struct WorkloadRunTests {
    static let second = SyntheticRun.second
    static let millisecond = SyntheticRun.millisecond

    /// Baseline from 1 s to 6 s, fault from 6 s to 13 s, recovery from 13 s to 18 s.
    private static func run() -> WorkloadRun {
        var run = SyntheticRun()
        for number in 0..<10 {
            run.add("product", at: 2 * second + Int64(number) * millisecond, taking: 10 * millisecond)
        }
        // 98 at 20 ms, one at 80 ms, one at 900 ms: of a hundred the 99th is p99.
        for number in 0..<98 {
            run.add("product", at: 7 * second + Int64(number) * millisecond, taking: 20 * millisecond)
        }
        run.add("product", at: 8 * second, taking: 80 * millisecond)
        run.add("product", at: 9 * second, taking: 900 * millisecond)
        for number in 0..<4 {
            run.order("k-\(number)", id: "o-\(number)", at: 10 * second, taking: 50 * millisecond)
        }
        run.add("product", at: 14 * second, taking: 5 * millisecond)
        return WorkloadRun(run.run, seed: 7)
    }

    @Test("latencies are those of the phase and the selection")
    func latencies() {
        let run = Self.run()
        #expect(run.latency(.p99, Selection(.reads), in: .fault) == .milliseconds(80))
        #expect(run.latency(.max, Selection(.reads), in: .fault) == .milliseconds(900))
        #expect(run.latency(.p50, in: .fault) == .milliseconds(20))
        // With the orders there are 104: the 103rd, which is the slow one but one.
        #expect(run.latency(.p99, in: .fault) == .milliseconds(80))
        #expect(run.latency(.p99, Selection(.orders), in: .fault) == .milliseconds(50))
        #expect(run.latency(.p99, in: .baseline) == .milliseconds(10))
        #expect(run.latency(.p99, in: .recovery) == .milliseconds(5))
        #expect(run.count(in: .fault) == 104 && run.count(Selection(.orders), in: .fault) == 4)
    }

    @Test("errors are those of the service, in every phase that any part of them fell on")
    func errors() {
        #expect(Self.run().errors(in: .fault) == 0)
        var run = SyntheticRun()
        run.add("product", at: 7 * Self.second, taking: 1, .fail, value: ["status": 503])
        run.add("order", at: 8 * Self.second, taking: 1, .info)
        // A refusal for a reason of business is none.
        run.add("order", at: 9 * Self.second, taking: 1, .fail, value: ["status": 409])
        // Due before the fault, and ended in it.
        run.add("product", at: 6 * Self.second - 1, taking: Self.second, .fail, value: ["status": 504])
        let found = WorkloadRun(run.run, seed: 7)
        #expect(found.errors(in: .fault) == 3)
        #expect(found.errors(Selection(.orders), in: .fault) == 1)
        #expect(found.errors(in: .baseline) == 1)
        #expect(found.errors(in: .recovery) == 0)
        #expect(found.count(in: .fault) == 3, "counted where they were due")
    }

    @Test("a phase that there was not has no errors, and no latency that any limit would pass")
    func noFault() {
        let run = WorkloadRun(SyntheticRun(fault: false).run, seed: 7)
        #expect(run.errors(in: .fault) == 0 && run.count(in: .fault) == 0)
        #expect(run.latency(.p99, in: .fault) > .seconds(365 * 24 * 3_600))
        #expect(run.latency(.p50, in: .baseline) == run.latency(.p99, in: .fault), "nor has one without operations")
    }
}
