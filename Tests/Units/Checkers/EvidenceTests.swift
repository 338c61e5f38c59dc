import Testing

@testable import Chaos

/// A promise counts as held only when the run can prove it.
@Suite struct EvidenceTests {
    private func verdict(of checker: some Checker, in run: SyntheticRun) -> Finding {
        let recorded = run.run
        return Evidence(recorded).weigh(checker.check(recorded), of: checker)
    }

    @Test("too few operations in a phase make it unknown, and say which phase")
    func fewOperations() {
        var run = SyntheticRun()
        run.calm(to: 14 * SyntheticRun.second)
        run.looks()
        let finding = verdict(of: NoErrors(), in: run)
        #expect(finding.verdict == .unknown)
        #expect(finding.notes.contains { $0.contains("operations in recovery, 1000 needed") })
    }

    @Test("too few attempts at the broken node make it unknown")
    func fewAttempts() {
        var run = SyntheticRun.held()
        run.metrics.removeAll { if case .counters = $0.content { true } else { false } }
        let finding = verdict(of: NoErrors(), in: run)
        #expect(finding.verdict == .unknown)
        #expect(finding.notes.contains { $0.hasPrefix("0 attempts met shard-0-replica-0, 50 needed") })
    }

    @Test("a fault that was not in force all the time makes promises about it unknown, held or broken")
    func lapse() {
        var run = SyntheticRun.held()
        #expect(!Evidence(run.run).faultLapsed)
        run.facts.injections[0].observations[4].inForce = false
        #expect(Evidence(run.run).faultLapsed)
        #expect(verdict(of: NoErrors(), in: run).verdict == .unknown)
        #expect(verdict(of: BreakerOpens(dependency: "shard-0-replica-0"), in: run).verdict == .unknown)
        run.add("product", at: 8 * SyntheticRun.second, taking: 1, .fail, value: ["status": 503])
        #expect(verdict(of: NoErrors(), in: run).verdict == .unknown)
    }

    @Test("a breach of an invariant stands whatever became of the fault")
    func invariantStands() {
        var run = SyntheticRun()
        run.calm()
        run.order("twice", id: "first", at: 7 * SyntheticRun.second)
        run.order("twice", id: "second", at: 7 * SyntheticRun.second)
        run.books()
        run.facts.injections[0].observations = []
        #expect(verdict(of: NoDoubleOrder(), in: run).verdict == .broken)
    }

    @Test("a fault that nobody looked at for seconds is no proof")
    func silence() {
        var run = SyntheticRun.held()
        run.facts.injections[0].observations.removeLast(4)
        let finding = verdict(of: NoErrors(), in: run)
        #expect(finding.verdict == .unknown)
        #expect(finding.notes.contains { $0.contains("nobody looked") })
    }

    @Test("a heal that was not seen makes it unknown")
    func unseenHeal() {
        var run = SyntheticRun.held()
        run.facts.injections[0].healFailure = "still stopped"
        #expect(verdict(of: NoErrors(), in: run).verdict == .unknown)
    }

    @Test("a load generator that was held up puts a broken timing in doubt, and no held one")
    func heldUpGenerator() {
        var run = SyntheticRun.held()
        run.metrics.append(
            MetricsSample(time: 8 * SyntheticRun.second, source: "generator", content: .schedulingDelay(21_000_000)))
        #expect(verdict(of: Unaffected(), in: run).verdict == .held)
        for number in 0..<100 {
            run.add("product", at: 8 * SyntheticRun.second + Int64(number), taking: 400_000_000)
        }
        let finding = verdict(of: Unaffected(), in: run)
        #expect(finding.verdict == .unknown)
        #expect(finding.notes.first == "the load generator itself was held up by 21.0 ms, over 20.0 ms")
    }

    @Test("dropped arrivals make it unknown")
    func droppedArrivals() {
        var run = SyntheticRun.held()
        run.facts.droppedArrivals = 3
        #expect(verdict(of: NoErrors(), in: run).verdict == .unknown)
    }

    @Test("quantiles are exact by nearest rank")
    func quantiles() {
        let sample = LatencySample((1...200).map { Int64($0) })
        #expect(sample.quantile(.p50) == .nanoseconds(100))
        #expect(sample.quantile(.p99) == .nanoseconds(198))
        #expect(sample.quantile(.max) == .nanoseconds(200))
        #expect(LatencySample([Int64]()).quantile(.p50) == nil)
    }

    @Test("a counter that began again at 0 counts from there; samples outside the range do not count")
    func counters() {
        func sample(_ time: Int64, _ value: Double) -> MetricsSample {
            MetricsSample(time: time, source: "server-0", content: .counters(["calls{a=\"b\"}": value, "other": 1]))
        }
        let metrics = [sample(1, 5), sample(10, 100), sample(15, 110), sample(18, 4), sample(20, 10), sample(30, 99)]
        #expect(CounterDelta.sum(in: 10..<20, of: metrics) { $0.name == "calls" && $0.labels["a"] == "b" } == 20)
    }
}
