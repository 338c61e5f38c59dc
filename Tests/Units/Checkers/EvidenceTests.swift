import Testing

@testable import Chaos

/// A promise counts as held only when the run can prove it.
@Suite struct EvidenceTests {
    private func verdict(of checker: some Checker, in run: SyntheticRun) -> Finding {
        let recorded = run.run
        return Evidence(recorded).judge(checker, recorded)
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

    /// 100 reads at 8 s that take too long, and the generator's sample that a hold-up ended in.
    private func slowReads(heldUpAt time: Int64, by delay: Int64) -> SyntheticRun {
        var run = SyntheticRun.held()
        for number in 0..<100 {
            run.add("product", at: 8 * SyntheticRun.second + Int64(number), taking: 400 * SyntheticRun.millisecond)
        }
        run.metrics.append(MetricsSample(time: time, source: "generator", content: .schedulingDelay(delay)))
        return run
    }

    @Test("a machine that was held up breaks no held promise, and counts no more than 20 ms late")
    func heldInSpite() {
        var run = SyntheticRun.held()
        run.metrics.append(
            MetricsSample(time: 8 * SyntheticRun.second, source: "generator", content: .schedulingDelay(21_000_000)))
        #expect(verdict(of: Unaffected(), in: run).verdict == .held)
        #expect(!Evidence(run.run).isTimely)
    }

    @Test("what was slow while the machine was held up is left out, and the finding says so")
    func leftOut() {
        let run = slowReads(heldUpAt: 8 * SyntheticRun.second, by: 21 * SyntheticRun.millisecond)
        #expect(Unaffected().check(run.run).verdict == .broken)
        let finding = verdict(of: Unaffected(), in: run)
        #expect(finding.verdict == .held)
        #expect(finding.summary.contains("operations of 0.0 s in which the machine was held up"))
    }

    @Test("what was slow at another time is in doubt on a machine that was held up")
    func slowElsewhere() {
        let run = slowReads(heldUpAt: 10 * SyntheticRun.second, by: 21 * SyntheticRun.millisecond)
        let finding = verdict(of: Unaffected(), in: run)
        #expect(finding.verdict == .unknown)
        #expect(finding.notes.first == "the machine itself was held up by 21.0 ms, over 20.0 ms")
        let timely = slowReads(heldUpAt: 8 * SyntheticRun.second, by: 20 * SyntheticRun.millisecond)
        #expect(verdict(of: Unaffected(), in: timely).verdict == .broken)
    }

    @Test("a machine that was held up for more than a quarter of a phase judges no timing")
    func heldUpForLong() {
        // Its own length and as much again to work off: 2 × 0.9 s of the fault's 7 s are a quarter, and a bit.
        let run = slowReads(heldUpAt: 8 * SyntheticRun.second, by: 900 * SyntheticRun.millisecond)
        #expect(verdict(of: Unaffected(), in: run).verdict == .unknown)
        let shorter = slowReads(heldUpAt: 8 * SyntheticRun.second, by: 860 * SyntheticRun.millisecond)
        #expect(verdict(of: Unaffected(), in: shorter).verdict == .held)
    }

    @Test("an error that no waiting explains is broken also while the machine is held up")
    func errorStands() {
        var run = slowReads(heldUpAt: 8 * SyntheticRun.second, by: 21 * SyntheticRun.millisecond)
        run.add("product", at: 8 * SyntheticRun.second, taking: 1, .fail, value: ["status": 500])
        #expect(verdict(of: NoErrors(), in: run).verdict == .broken)
    }

    @Test("a late return to steady state is in doubt on a machine that was held up; none at all is broken")
    func lateRecovery() {
        var late = SyntheticRun()
        late.calm()
        late.looks(closedAfter: 3 * SyntheticRun.second)
        late.metrics.append(
            MetricsSample(time: 14 * SyntheticRun.second, source: "generator", content: .schedulingDelay(21_000_000)))
        #expect(verdict(of: Recovers(), in: late).verdict == .unknown)
        var never = SyntheticRun()
        never.calm()
        never.looks(closedAfter: 30 * SyntheticRun.second)
        never.metrics += late.metrics.suffix(1)
        #expect(verdict(of: Recovers(), in: never).verdict == .broken)
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
