/// The breaker of the broken dependency opens on every server within the time granted for detection, and is closed
/// again within its cooldown and a second after the heal.
public struct BreakerOpens: Checker {
    public static let name = "breaker"
    public var promise: String {
        "breaker of \(dependency) open ≤ \(detect.text) after the fault, closed ≤ \(close.text) after heal"
    }
    private let dependency: String
    private let detect: Duration
    private let close: Duration

    /// - Parameter cooldown: how long the breaker stays open before it tries again.
    public init(dependency: String, detect: Duration = .seconds(1), cooldown: Duration = .seconds(1)) {
        self.dependency = dependency
        self.detect = detect
        self.close = cooldown + .seconds(1)
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        guard let dependency = try parameters.node("dependency") else {
            throw CheckParameters.Failure("`dependency` is missing: the node whose breaker is meant")
        }
        self.init(
            dependency: dependency, detect: try parameters.duration("detect") ?? .seconds(1),
            cooldown: try parameters.duration("cooldown") ?? .seconds(1))
    }

    public func check(_ run: RecordedRun) -> Finding {
        guard let injection = run.facts.injections.first, let healing = injection.healing,
            let healed = injection.healed
        else { return Finding(.unknown, "there was no fault, or it was never healed") }
        let timelines = BreakerTimeline.all(of: dependency, in: run.metrics)
        guard !timelines.isEmpty else { return Finding(.unknown, "no server reported a breaker of \(dependency)") }
        var verdicts: [Verdict] = []
        var notes: [String] = []
        for timeline in timelines {
            let opened = timeline.first(in: injection.began..<healing) { $0 == "open" }
            verdicts.append(judge(opened, from: injection.applied, within: detect, what: "opened", timeline, &notes))
            let closed = timeline.settled(from: healed) { $0 == "closed" }
            verdicts.append(judge(closed, from: healed, within: close, what: "closed", timeline, &notes))
        }
        let verdict = Verdict.of(verdicts)
        let proofs = verdict == .broken ? victims(of: injection, in: run) : []
        // Late is a matter of time; never is not.
        let isNever = timelines.contains { $0.first(in: injection.began..<healing) { $0 == "open" } == nil }
        return Finding(
            verdict, notes.joined(separator: "; "), proofs: proofs, restsOnTime: !isNever,
            notes: verdict == .held ? [] : notes)
    }

    private func judge(
        _ change: BreakerTimeline.Change?, from start: Int64, within limit: Duration, what: String,
        _ timeline: BreakerTimeline, _ notes: inout [String]
    ) -> Verdict {
        guard let change else {
            notes.append("\(timeline.server) never \(what) it")
            return .broken
        }
        let after = Duration.nanoseconds(max(0, change.seen - start))
        notes.append("\(timeline.server) \(what) it after \(after.words)")
        // It changed between two looks: only when the earlier one was already too late is the promise surely broken.
        return change.notBefore - start > limit.nanoseconds ? .broken : .held
    }

    /// What clients suffered while the breaker should have spared them.
    private func victims(of injection: RunFacts.Injection, in run: RecordedRun) -> [Operation] {
        guard let range = run.faultPhase(after: detect) else { return [] }
        let group = run.facts.groups.values.first { !$0.nodes.allSatisfy { !injection.nodes.contains($0) } }?.name
        let selection = Selection(.all, group.map { .group($0) } ?? .all)
        return run.operations(selection, startedIn: range)
            .sorted { ($0.latency ?? .max) > ($1.latency ?? .max) }
            .prefix(Finding.maximumProofs).map(\.self)
    }
}
