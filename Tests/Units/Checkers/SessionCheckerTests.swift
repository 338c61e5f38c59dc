import Testing

@testable import Chaos

/// What sessions are promised: each checker is shown a run that keeps it, one that breaks exactly it, and one that says
/// too little.
@Suite("Checkers of sessions") struct SessionCheckerTests {
    private static let second = SyntheticRun.second

    /// One session that writes every half second and reads twice after it: versions 1, 2, 3 and so on.
    private func sessions(_ spoil: (_ turn: Int64, _ version: Int64) -> Int64 = { $1 }) -> SyntheticRun {
        var run = SyntheticRun()
        for turn in Int64(0)..<34 {
            let start = Self.second + turn * Self.second / 2
            run.session("session-write", version: turn + 1, at: start)
            for read in Int64(1)...4 {
                run.session("session-read", version: spoil(turn, turn + 1), at: start + read * 100_000_000)
            }
        }
        return run
    }

    @Test("a session that always sees what it wrote holds both guarantees")
    func held() {
        let run = sessions().run
        #expect(ReadYourWrites().check(run).verdict == .held)
        #expect(MonotonicReads().check(run).verdict == .held)
        #expect(StaleBound().check(run).verdict == .held)
    }

    @Test("a read without the session's own write is named with the write")
    func ownWriteMissed() {
        let run = sessions { turn, version in turn == 20 ? version - 1 : version }.run
        let finding = ReadYourWrites().check(run)
        #expect(finding.verdict == .broken)
        #expect(finding.proofs.prefix(2).map(\.function) == ["session-write", "session-read"])
        #expect(finding.notes.first?.contains("wrote version 21 and then read 20") == true, "\(finding.notes)")
    }

    @Test("a read that goes back behind an earlier read is no missed write")
    func backInTime() {
        var run = sessions()
        // Another's product, seen at 7 and then at 6: never written by this session.
        run.session("session-read", version: 7, at: 8 * Self.second, key: "other")
        run.session("session-read", version: 6, at: 9 * Self.second, key: "other")
        #expect(ReadYourWrites().check(run.run).verdict == .held)
        let finding = MonotonicReads().check(run.run)
        #expect(finding.verdict == .broken)
        #expect(finding.notes.first?.contains("saw version 7 of other and then 6") == true, "\(finding.notes)")
    }

    @Test("a read without a token promises nothing to its session")
    func noToken() {
        var run = sessions()
        run.session("session-read", version: 1, at: 9 * Self.second, hasToken: false)
        #expect(ReadYourWrites().check(run.run).verdict == .held)
        #expect(MonotonicReads().check(run.run).verdict == .held)
    }

    @Test("without sessions, and with too few reads, nothing is said")
    func unknown() {
        var run = SyntheticRun()
        run.calm()
        run.session("session-write", version: 1, at: 7 * Self.second)
        run.session("session-read", version: 1, at: 8 * Self.second)
        #expect(ReadYourWrites().check(run.run).verdict == .unknown)
        #expect(MonotonicReads().check(run.run).verdict == .unknown)
        #expect(StaleBound().check(run.run).verdict == .unknown)
    }

    /// A read of version 10 so many milliseconds after version 11 was acknowledged, which is 2 ms after 6 s.
    private func staleRead(after milliseconds: Int64) -> SyntheticRun {
        var run = sessions()
        run.add(
            "product", at: 6 * Self.second + (2 + milliseconds) * SyntheticRun.millisecond, taking: 1_000_000,
            key: "own", value: ["version": 10, "node": "shard-0-replica-0"])
        return run
    }

    @Test("a stranger's read is as old as the change that it does not show", arguments: [2_900, 3_100])
    func stale(milliseconds: Int64) {
        let run = staleRead(after: milliseconds)
        let finding = StaleBound(bound: .seconds(2), detect: .seconds(1)).check(run.run)
        #expect(finding.verdict == (milliseconds > 3_000 ? .broken : .held), "\(finding.summary)")
        if finding.verdict == .broken { #expect(finding.proofs.map(\.function) == ["product"]) }
    }

    @Test("a hold-up that is shorter than what a read is too old by explains nothing", arguments: [3_050, 4_000])
    func staleAndHeldUp(milliseconds: Int64) {
        var run = staleRead(after: milliseconds)
        run.metrics.append(
            MetricsSample(time: 9 * Self.second, source: "generator", content: .schedulingDelay(34_000_000)))
        let finding = Evidence(run.run).judge(StaleBound(bound: .seconds(2), detect: .seconds(1)), run.run)
        #expect(finding.verdict == (milliseconds > 3_100 ? .broken : .unknown), "\(finding.summary) \(finding.notes)")
    }
}

/// What promotions and the loss of a shard promise.
@Suite("Checkers of promotions and shards") struct PromotionCheckerTests {
    private static let second = SyntheticRun.second

    /// Sixty orders, and one product that was changed twenty times, the last of them to version 20.
    private func written(finalVersion: Int64 = 20, isListed: Bool = true, at lost: Int64 = 5 * second) -> SyntheticRun {
        var run = SyntheticRun()
        for number in Int64(0)..<60 {
            run.order("k-\(number)", id: "o-\(number)", at: Self.second + number * Self.second / 10)
        }
        run.order("lost", id: "o-lost", at: lost, isListed: isListed)
        for number in Int64(0)..<20 {
            run.session("session-write", version: number + 1, at: Self.second + number * Self.second / 5)
        }
        run.books()
        run.add(
            "final-product", at: 20 * Self.second, taking: 1, key: "own",
            value: ["when": "final", "version": .int(finalVersion)])
        return run
    }

    @Test("when everything is still there both modes hold")
    func held() {
        #expect(AcknowledgedWrites(.durable).check(written().run).verdict == .held)
        #expect(AcknowledgedWrites(.counted).check(written().run).verdict == .held)
    }

    @Test("an order that is gone breaks the durable promise, and is counted by the other")
    func lostOrder() {
        let run = written(isListed: false).run
        #expect(AcknowledgedWrites(.durable).check(run).verdict == .broken)
        let counted = AcknowledgedWrites(.counted).check(run)
        #expect(counted.verdict == .held)
        #expect(counted.summary.hasPrefix("1 of 61 acknowledged orders and 0 of 20"), "\(counted.summary)")
        #expect(counted.notes.first?.contains("o-lost") == true)
    }

    @Test("an order that was acknowledged after the promotion may not be lost in either mode")
    func lostLater() {
        let run = written(isListed: false, at: 8 * Self.second).run
        #expect(AcknowledgedWrites(.counted).check(run).verdict == .broken)
    }

    @Test("changes above the final version are lost, and so are those whose version was given out again")
    func lostChanges() {
        let short = AcknowledgedWrites(.counted).check(written(finalVersion: 18).run)
        #expect(short.summary.contains("2 of 20 acknowledged changes"), "\(short.summary)")
        var twice = written()
        twice.session("session-write", version: 20, at: 12 * Self.second)
        let finding = AcknowledgedWrites(.counted).check(twice.run)
        #expect(finding.summary.contains("1 of 21 acknowledged changes"), "\(finding.summary)")
    }

    @Test("a product that could not be read at the end says nothing")
    func unreadable() {
        var run = written()
        run.session("session-write", version: 1, at: 4 * Self.second, key: "unread")
        #expect(AcknowledgedWrites(.durable).check(run.run).verdict == .unknown)
    }

    /// Orders fail from 6 s on for so long, and then succeed.
    private func outage(_ seconds: Double) -> RecordedRun {
        var run = SyntheticRun()
        for number in Int64(0)..<700 {
            let start = 6 * Self.second + number * Self.second / 100
            let isOut = Double(number) / 100 < seconds
            run.add(
                "order", at: start, taking: 2_000_000, isOut ? .fail : .ok, key: "k-\(number)",
                value: isOut ? ["status": 503, "retryAfter": "1"] : ["status": 201])
        }
        return run.run
    }

    @Test(
        "writes resume in time, too late, or too near the end to tell",
        arguments: [(1.5, Verdict.held), (5.5, .broken), (4.9, .held), (0, .unknown)])
    func resume(seconds: Double, verdict: Verdict) {
        let finding = WritesResume(Selection(.orders), within: .seconds(5)).check(outage(seconds))
        #expect(finding.verdict == verdict, "\(finding.summary)")
    }

    @Test("with hardly a success after the last failure nothing is said")
    func hardlyResumed() {
        let finding = WritesResume(Selection(.orders), within: .seconds(7)).check(outage(6.9))
        #expect(finding.verdict == .unknown)
    }

    /// Session reads in the fault, of which so many are refused with this code.
    private func refusals(_ code: String, count: Int, status: Int64 = 503) -> RecordedRun {
        var run = SyntheticRun()
        for number in 0..<60 {
            let start = 8 * Self.second + Int64(number) * Self.second / 20
            let isRefused = number < count
            run.add(
                "session-read", at: start, taking: 1_000_000, isRefused ? .fail : .ok,
                value: isRefused
                    ? ["token": "1;shard-0=1:99", "code": .string(code), "status": .int(status)]
                    : ["token": "1;shard-0=1:99", "version": 3])
        }
        return run.run
    }

    @Test("what no node can give a session is told by its code, and by no other error")
    func tokensRefused() {
        let unavailable = TokensRefused(.consistencyUnavailable)
        #expect(unavailable.check(refusals("consistency_unavailable", count: 5)).verdict == .held)
        #expect(unavailable.check(refusals("consistency_unavailable", count: 4)).verdict == .unknown)
        #expect(unavailable.check(refusals("dependency_unavailable", count: 5)).verdict == .broken)
        #expect(unavailable.check(refusals("history_lost", count: 5, status: 410)).verdict == .broken)
        let lost = TokensRefused(.historyLost, in: .group("shard-0"))
        #expect(lost.check(refusals("history_lost", count: 5, status: 410)).verdict == .held)
        #expect(lost.check(refusals("consistency_unavailable", count: 5)).verdict == .unknown)
        #expect(lost.check(refusals("dependency_unavailable", count: 5)).verdict == .broken)
        #expect(unavailable.check(SyntheticRun(fault: false).run).verdict == .unknown)
    }

    @Test("of two faults at once the phase is that in which both were in force")
    func nestedFaults() {
        var run = SyntheticRun()
        var inner = run.facts.injections[0]
        (inner.began, inner.applied, inner.healing) = (7 * Self.second, 8 * Self.second, 12 * Self.second)
        run.facts.injections.append(inner)
        #expect(run.run.faultPhase(after: .seconds(1)) == 9 * Self.second..<12 * Self.second)
        // One that begins when the first is healed is another matter.
        run.facts.injections[1].began = 13 * Self.second
        #expect(run.run.faultPhase(after: .seconds(1)) == 7 * Self.second..<13 * Self.second)
    }

    private func lists(during value: [String: JSONValue], _ type: HistoryEvent.Kind = .ok) -> RecordedRun {
        var run = SyntheticRun()
        for number in Int64(0)..<100 {
            run.add(
                number % 2 == 0 ? "stores" : "search", at: Self.second + number * Self.second / 20, taking: 1_000_000,
                value: ["partial": false])
            run.add(
                "stores", at: 7 * Self.second + number * Self.second / 20, taking: 1_000_000, type, value: value)
        }
        return run.run
    }

    @Test("lists name the missing shard while it is down, and only then")
    func partial() {
        let named: [String: JSONValue] = ["partial": true, "missingShards": ["shard-0"]]
        #expect(PartialLists(shard: "shard-0").check(lists(during: named)).verdict == .held)
        #expect(PartialLists(shard: "shard-1").check(lists(during: named)).verdict == .broken)
        #expect(PartialLists(shard: "shard-0").check(lists(during: ["partial": false])).verdict == .broken)
        #expect(PartialLists(shard: "shard-0").check(lists(during: ["status": 503], .fail)).verdict == .broken)
        #expect(PartialLists(shard: "shard-0").check(SyntheticRun.held().run).verdict == .unknown)
    }

    private func reads(_ value: [String: JSONValue], _ type: HistoryEvent.Kind = .ok, taking: Int64 = 1) -> RecordedRun
    {
        var run = SyntheticRun()
        for number in Int64(0)..<200 {
            run.add(
                "product", at: 7 * Self.second + number * Self.second / 50, taking: taking * SyntheticRun.millisecond,
                type, value: value)
        }
        return run.run
    }

    @Test("what has no database comes from a cache or is refused at once")
    func cachedOrRefused() {
        let check = CachedOrRefused(Selection(.reads))
        #expect(check.check(reads(["cache": "hit"])).verdict == .held)
        #expect(check.check(reads(["cache": "stale", "degraded": "stale; age=59.2"])).verdict == .held)
        #expect(check.check(reads(["cache": "stale", "degraded": "stale; age=61"])).verdict == .broken)
        #expect(check.check(reads(["status": 503, "retryAfter": "1"], .fail)).verdict == .held)
        #expect(check.check(reads(["status": 503, "retryAfter": "1"], .fail, taking: 90)).verdict == .broken)
        #expect(check.check(reads(["status": 503], .fail)).verdict == .broken)
        #expect(check.check(reads(["node": "shard-0-replica-0"])).verdict == .broken)
        #expect(check.check(SyntheticRun(fault: false).run).verdict == .unknown)
    }

    /// A replica that says it lags by this much, in the baseline and in the fault.
    private func lags(before: Double, during: Double) -> RecordedRun {
        var run = SyntheticRun()
        for tenth in Int64(0)..<180 {
            let time = tenth * Self.second / 10
            let lag = time >= 6 * Self.second && time < 13 * Self.second ? during : before
            run.metrics.append(
                MetricsSample(
                    time: time, source: "server-0",
                    content: .readiness(ready: true, breakers: [:], replicas: ["shard-0-replica-0": lag])))
        }
        return run.run
    }

    @Test("readiness shows a lag while there is one, and only then")
    func lagShown() {
        let check = LagShown(node: "shard-0-replica-0", after: .seconds(2))
        #expect(check.check(lags(before: 0.1, during: 3)).verdict == .held)
        #expect(check.check(lags(before: 0.1, during: 0.2)).verdict == .broken)
        #expect(check.check(lags(before: 3, during: 3)).verdict == .broken)
        #expect(LagShown(node: "shard-1-replica-0").check(lags(before: 0, during: 3)).verdict == .unknown)
    }
}
