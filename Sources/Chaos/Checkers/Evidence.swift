/// Whether a run proves anything: a promise counts as held only when the fault really happened, met enough attempts,
/// and enough operations ran in every phase.
public struct Evidence: Sendable, Codable, Equatable {
    /// Fewer operations in a phase prove nothing about it.
    public static let operationsPerPhase = 1_000
    /// Fewer attempts at the broken thing may have missed it by luck.
    public static let attemptsAtFault = 50
    /// A load generator, or a processor, that was held up longer than this has measured the machine.
    public static let schedulingDelay = Duration.milliseconds(20)
    /// A timing is not judged when the machine was held up for a larger share of a phase.
    public static let heldUpShare = 0.25

    /// Operations that were due in each phase, by the phase's name.
    public var operations: [String: Int]
    /// Attempts that met the fault, with where the count comes from; nil without a fault.
    public var attempts: Attempts?
    /// Worst delay of the generator's own requests, or of a processor, in the measured phases.
    public var delayNanoseconds: Int64
    /// Why faults do not count as in force throughout.
    public var faultDoubts: [String]
    /// Whether a fault was seen not to be in force: somebody else healed it, which a second run would hide.
    public var faultLapsed: Bool
    /// Why nothing at all can be called held.
    public var doubts: [String]

    /// How many attempts met what was broken, and how that is known.
    public struct Attempts: Sendable, Codable, Equatable {
        public var count: Int
        /// Where the number comes from, for the report.
        public var source: String
    }

    /// Weighs what a run recorded.
    public init(_ run: RecordedRun) {
        let facts = run.facts
        var phases: [(name: String, range: Range<Int64>)] = [("baseline", facts.baseline)]
        if let fault = facts.fault { phases.append(("fault", fault)) }
        if let recovery = facts.recovery { phases.append(("recovery", recovery)) }
        operations = [:]
        doubts = []
        for phase in phases {
            let count = run.operations(Selection(), startedIn: phase.range).count
            operations[phase.name] = count
            if count < Self.operationsPerPhase {
                doubts.append("\(count) operations in \(phase.name), \(Self.operationsPerPhase) needed")
            }
        }
        faultDoubts = facts.injections.compactMap(Self.doubt)
        faultLapsed = facts.injections.contains { $0.observations.contains { !$0.inForce } }
        if let fault = facts.fault, let injection = facts.injections.first {
            let attempts = AttemptCount.attempts(at: injection, during: fault, in: run)
            self.attempts = attempts
            if attempts.count < Self.attemptsAtFault {
                doubts.append(
                    "\(attempts.count) attempts met \(injection.target), \(Self.attemptsAtFault) needed "
                        + "(by \(attempts.source))")
            }
        }
        if facts.droppedArrivals > 0 {
            doubts.append("\(facts.droppedArrivals) arrivals were dropped because too many requests were outstanding")
        }
        if facts.droppedEvents > 0 { doubts.append("\(facts.droppedEvents) events found the history full") }
        let measured = phases[0].range.lowerBound..<phases[phases.count - 1].range.upperBound
        let delays = run.metrics.compactMap { sample -> Int64? in
            guard measured.contains(sample.time), case .schedulingDelay(let delay) = sample.content else { return nil }
            return delay
        }
        delayNanoseconds = delays.max() ?? 0
    }

    /// The longest that the machine held the load generator or a processor up within the run.
    public var delay: Duration { .nanoseconds(delayNanoseconds) }
    /// Whether the machine ran on time throughout, so that all latencies mean something.
    public var isTimely: Bool { delay <= Self.schedulingDelay }

    private static func doubt(_ injection: RunFacts.Injection) -> String? {
        let name = "\(injection.fault) on \(injection.target)"
        if injection.observations.isEmpty { return "\(name) was never seen in force" }
        if let lapse = injection.observations.first(where: { !$0.inForce }) {
            let time = (Double(lapse.time) / 1e9).formatted(decimals: 1)
            return "\(name) was not in force at \(time) s: \(lapse.evidence)"
        }
        if let gap = blindness(of: injection) {
            return
                "nobody looked at \(name) for \(gap.words): it was healed by someone else, or the machine stood still"
        }
        return injection.healFailure.map { "\(name) was not seen to heal: \($0)" }
    }
}

extension Evidence {
    /// Looks are due once a second; a longer silence proves nothing of what went on in it.
    static let longestSilence = Duration.milliseconds(2_500)

    private static func blindness(of injection: RunFacts.Injection) -> Duration? {
        let looks = (injection.observations.map(\.time) + [injection.healing].compactMap(\.self)).sorted()
        let gaps = zip(looks, looks.dropFirst()).map { Duration.nanoseconds($1 - $0) }
        return gaps.filter { $0 > longestSilence }.max()
    }

    /// What a checker finds in the run that this was made from, weighed by what the run can prove.
    ///
    /// A breach of an invariant stands whatever else happened. A promise about a fault says nothing when the fault was
    /// not in force. Measured times include what the machine itself was held up for: it can make a promise look broken,
    /// never held, so only a breach is put in doubt by it. It holds when the breach lies in those stretches alone, and
    /// is broken when they are too short to explain it.
    public func judge(_ checker: any Checker, _ run: RecordedRun) -> Finding {
        var finding = checker.check(run)
        if finding.verdict == .broken, finding.restsOnTime, !isTimely {
            let holdUps = HoldUps(run.metrics)
            if let excess = finding.excess, excess > holdUps.total {
                finding.restsOnTime = false
            } else if checker.judgesOperationsSingly, let rest = onTime(of: run, without: holdUps, by: checker),
                rest.verdict == .held
            {
                finding = rest
            }
        }
        return weigh(finding, of: checker)
    }

    /// What it finds in what ran on time; nil when that is too little.
    private func onTime(of run: RecordedRun, without holdUps: HoldUps, by checker: any Checker) -> Finding? {
        let phases = [run.facts.baseline, run.facts.fault, run.facts.recovery].compactMap(\.self)
        guard phases.allSatisfy({ holdUps.share(of: $0) <= Self.heldUpShare }) else { return nil }
        let rest = run.without(holdUps)
        var finding = checker.check(rest)
        let seconds = phases.map { Double(holdUps.length(within: $0)) / 1e9 }.reduce(0, +)
        finding.summary +=
            "; without \(run.operations.count - rest.operations.count) operations of \(seconds.formatted(decimals: 1)) s "
            + "in which the machine was held up"
        return finding
    }

    private func weigh(_ finding: Finding, of checker: any Checker) -> Finding {
        var weighed = finding
        if checker.dependsOnFault, !faultDoubts.isEmpty {
            weighed.verdict = .unknown
            weighed.notes = faultDoubts + finding.notes
        } else if finding.verdict == .broken, finding.restsOnTime, !isTimely {
            weighed.verdict = .unknown
            weighed.notes =
                ["the machine itself was held up by \(delay.words), over \(Self.schedulingDelay.words)"]
                + finding.notes
        } else if finding.verdict == .held, !doubts.isEmpty || !faultDoubts.isEmpty {
            weighed.verdict = .unknown
            weighed.notes = doubts + faultDoubts + finding.notes
        }
        return weighed
    }
}
