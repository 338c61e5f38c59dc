import Testing

@testable import Chaos

/// Each checker is shown a run that keeps its promise and one that breaks exactly it.
@Suite struct CheckerTests {
    static let second = SyntheticRun.second
    static let millisecond = SyntheticRun.millisecond

    @Test("a run in which all went well holds everything")
    func allHeld() {
        let run = SyntheticRun.held().run
        let checkers: [any Checker] = [
            NoDoubleOrder(), StockConservation(), AcknowledgedOrders(), NoErrors(), Unaffected(),
            LatencyLimit(Selection(.reads), limit: .milliseconds(100)), BreakerOpens(dependency: "shard-0-replica-0"),
            ServedBy(Selection(.reads), by: .replicas), ServedBy(Selection(.orders), by: .primary),
            ServedBy(Selection(.reads), by: .healthy, duringFault: true), Recovers(),
        ]
        let evidence = Evidence(run)
        #expect(evidence.doubts.isEmpty && evidence.faultDoubts.isEmpty)
        for checker in checkers {
            let finding = evidence.judge(checker, run)
            #expect(finding.verdict == .held, "\(type(of: checker).name): \(finding.summary) \(finding.notes)")
        }
    }

    @Test("one key with two answered orders is named with both operations")
    func doubleOrder() {
        var run = SyntheticRun()
        run.calm()
        run.order("twice", id: "first", at: 7 * Self.second)
        run.order("twice", id: "second", at: 7 * Self.second + 1)
        run.books()
        let finding = NoDoubleOrder().check(run.run)
        #expect(finding.verdict == .broken)
        #expect(finding.proofs.map(\.key) == ["twice", "twice"])
        #expect(finding.notes == ["key twice has 2 orders: first, second"])
    }

    @Test("one key with two listed orders is a double order even when only one was answered")
    func doubleListedOrder() {
        var run = SyntheticRun()
        run.order("twice", id: "second", at: 7 * Self.second)
        run.events.removeLast(2)
        run.add("order", at: 7 * Self.second, taking: 200 * Self.millisecond, .info, key: "twice")
        run.order("twice", id: "first", at: 8 * Self.second)
        run.books()
        let finding = NoDoubleOrder().check(run.run)
        #expect(finding.verdict == .broken)
        #expect(finding.proofs.count == 2)
    }

    @Test("without a final list of orders nothing is said")
    func noFinalList() {
        var run = SyntheticRun()
        run.calm()
        #expect(NoDoubleOrder().check(run.run).verdict == .unknown)
        #expect(StockConservation().check(run.run).verdict == .unknown)
        #expect(AcknowledgedOrders().check(run.run).verdict == .unknown)
    }

    @Test("stock that vanished is named by SKU, with the orders that touched it", arguments: [Int64(1), -1])
    func stockVanishes(missing: Int64) {
        var run = SyntheticRun()
        run.calm()
        run.books(missing: missing)
        let finding = StockConservation().check(run.run)
        #expect(finding.verdict == .broken)
        #expect(finding.notes.first?.hasPrefix("sku-1: 100000 at the start") == true)
        #expect(!finding.proofs.isEmpty)
    }

    @Test("an order whose total is not the sum of its items is a breach")
    func unevenTotal() {
        var run = SyntheticRun()
        run.order("k", id: "o", at: 7 * Self.second)
        run.books(total: 251)
        let finding = StockConservation().check(run.run)
        #expect(finding.verdict == .broken)
        #expect(finding.notes == ["order o (key k): total 251, its items 250"])
    }

    @Test("an acknowledged order that is not listed is lost")
    func lostOrder() {
        var run = SyntheticRun()
        run.calm()
        run.order("gone", id: "gone-1", at: 7 * Self.second, isListed: false)
        run.books()
        let finding = AcknowledgedOrders().check(run.run)
        #expect(finding.verdict == .broken)
        #expect(finding.proofs.map(\.key) == ["gone"])
    }

    @Test("an order that was certainly refused and is listed nevertheless is a breach; an unknown one is none")
    func inventedOrder() {
        for (type, verdict) in [(HistoryEvent.Kind.fail, Verdict.broken), (.info, .held)] {
            var run = SyntheticRun()
            run.order("k", id: "o", at: 7 * Self.second)
            run.events.removeLast(2)
            run.add("order", at: 7 * Self.second, taking: 1, type, key: "k", value: ["status": 503])
            run.books()
            #expect(AcknowledgedOrders().check(run.run).verdict == verdict)
        }
    }

    @Test("an error that began before the fault and ended in it counts")
    func errorAcrossTheFault() {
        var run = SyntheticRun()
        run.calm()
        run.add("product", at: 6 * Self.second - 1, taking: 500 * Self.millisecond, .fail, value: ["status": 504])
        #expect(NoErrors(Selection(.reads)).check(run.run).verdict == .broken)
        #expect(NoErrors(Selection(.orders)).check(run.run).verdict == .held)
        #expect(NoErrors(Selection(.reads, .otherThan("shard-0"))).check(run.run).verdict == .held)
    }

    @Test("refusals for a reason of business are no errors", arguments: [404, 409, 422])
    func businessRefusals(status: Int64) {
        var run = SyntheticRun()
        run.calm()
        run.add("order", at: 7 * Self.second, taking: 1, .fail, key: "k", value: ["status": .int(status)])
        #expect(NoErrors().check(run.run).verdict == .held)
    }

    @Test("slow reads after detection break it, slow reads before do not")
    func slowness() {
        for (start, verdict) in [(6 * Self.second, Verdict.held), (8 * Self.second, .broken)] {
            var run = SyntheticRun()
            run.calm()
            for number in 0..<60 {
                run.add("product", at: start + Int64(number) * Self.millisecond, taking: 400 * Self.millisecond)
            }
            let finding = Unaffected(Selection(.reads)).check(run.run)
            #expect(finding.verdict == verdict, "\(finding.summary)")
        }
    }

    @Test(
        "until a fault has to be noticed nothing takes longer than the service's deadline",
        arguments: [(540, 6.5, Verdict.held), (560, 6.5, .broken), (560, 7.5, .held)])
    func unaffectedBeforeDetection(milliseconds: Int64, at seconds: Double, verdict: Verdict) {
        var run = SyntheticRun()
        run.calm()
        run.add(
            "product", at: Int64(seconds * 1e9), taking: milliseconds * Self.millisecond,
            value: ["node": "shard-0-replica-1"])
        let finding = Unaffected(Selection(.reads)).check(run.run)
        #expect(finding.verdict == verdict, "\(finding.summary)")
        #expect(finding.restsOnTime == (verdict == .broken))
        let patient = Unaffected(Selection(.reads), deadline: .seconds(1)).check(run.run)
        #expect(patient.verdict == .held, "\(patient.summary)")
    }

    @Test("a p99 over its limit lists the slowest first")
    func latencyLimit() {
        var run = SyntheticRun()
        run.calm()
        for number in 0..<60 {
            run.add("product", at: 8 * Self.second, taking: (200 + Int64(number)) * Self.millisecond)
        }
        let finding = LatencyLimit(Selection(.reads), limit: .milliseconds(100)).check(run.run)
        #expect(finding.verdict == .broken)
        #expect(finding.proofs.first?.latency == 259 * Self.millisecond)
        #expect(finding.proofs.count == Finding.maximumProofs && finding.proofCount == 60)
    }

    @Test(
        "fail fast means 503 with Retry-After, soon",
        arguments: [
            ("503 at once", 503, 2, true, Verdict.held), ("503 without Retry-After", 503, 2, false, .broken),
            ("503 after 80 ms", 503, 80, true, .broken), ("504", 504, 2, true, .broken), ("201", 201, 2, true, .broken),
        ])
    func failFast(_ name: String, status: Int64, milliseconds: Int64, hasRetryAfter: Bool, verdict: Verdict) {
        var run = SyntheticRun()
        for number in 0..<200 {
            var value: [String: JSONValue] = ["status": .int(status)]
            if hasRetryAfter { value["retryAfter"] = "1" }
            run.add(
                "order", at: 7 * Self.second + Int64(number) * 20 * Self.millisecond,
                taking: milliseconds * Self.millisecond, status == 201 ? .ok : status == 503 ? .fail : .info,
                key: "k-\(number)", value: value)
        }
        let finding = FailFast(Selection(.orders, .group("shard-0"))).check(run.run)
        #expect(finding.verdict == verdict, "\(name): \(finding.summary)")
    }

    @Test(
        "a breaker that opens late, never, or stays open is a breach; one between two looks has the doubt",
        arguments: [
            (Int64(300), Int64(900), Verdict.held), (1_050, 900, .held), (1_250, 900, .broken), (60_000, 900, .broken),
            (300, 2_300, .broken), (300, 60_000, .broken),
        ])
    func breaker(openAfter: Int64, closedAfter: Int64, verdict: Verdict) {
        var run = SyntheticRun()
        run.calm()
        run.looks(openAfter: openAfter * Self.millisecond, closedAfter: closedAfter * Self.millisecond)
        let finding = BreakerOpens(dependency: "shard-0-replica-0").check(run.run)
        #expect(finding.verdict == verdict, "\(finding.summary)")
        #expect(finding.proofs.isEmpty == (verdict == .held))
    }

    @Test("reads from the primary while replicas are well are a breach")
    func primaryReads() {
        var run = SyntheticRun()
        run.calm()
        for number in 0..<200 {
            run.add(
                "product", at: 2 * Self.second + Int64(number), taking: Self.millisecond,
                value: ["node": "shard-0-primary"])
        }
        #expect(ServedBy(Selection(.reads), by: .replicas).check(run.run).verdict == .broken)
    }

    @Test("reads without the mark of a degraded shard are a breach")
    func unmarked() {
        for (mark, verdict) in [
            ("read-only; age=1.2", Verdict.held), ("read-only", .broken), ("stale; age=3", .broken),
        ] {
            var run = SyntheticRun()
            run.add(
                "product", at: 8 * Self.second, taking: 1,
                value: ["node": "shard-0-replica-1", "degraded": .string(mark)])
            #expect(MarkedDegraded(Selection(.reads, .group("shard-0"))).check(run.run).verdict == verdict)
        }
    }

    @Test("an error long after the heal, or a breaker that is still open, is no recovery")
    func noRecovery() {
        var errors = SyntheticRun.held()
        errors.add("product", at: 16 * Self.second, taking: 1, .fail, value: ["status": 503])
        #expect(Recovers().check(errors.run).verdict == .broken)
        var breaker = SyntheticRun()
        breaker.calm()
        breaker.looks(closedAfter: 3 * Self.second)
        #expect(Recovers().check(breaker.run).verdict == .broken)
    }
}
