/// After the heal the system returns to steady state by itself: within the cooldown and a second, no errors any more,
/// p99 as before the fault, every breaker closed and every server ready.
public struct Recovers: Checker {
    public static let name = "recovers"
    public var judgesOperationsSingly: Bool { true }
    public var promise: String {
        "no errors, p99 ≤ 2 × baseline + 50 ms, breakers closed from \(grace.text) after heal"
    }
    private let grace: Duration

    /// Makes the check: steady within the breaker's cooldown and a second more.
    public init(cooldown: Duration = .seconds(1)) { grace = cooldown + .seconds(1) }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        self.init(cooldown: try parameters.duration("cooldown") ?? .seconds(1))
    }

    public func check(_ run: RecordedRun) -> Finding {
        guard let recovery = run.facts.recovery, let healed = run.facts.injections.compactMap(\.healed).max(),
            healed + grace.nanoseconds < recovery.upperBound
        else { return Finding(.unknown, "there was no recovery phase longer than \(grace.text)") }
        let steady = (healed + grace.nanoseconds)..<recovery.upperBound
        let operations = run.operations(Selection(), startedIn: steady)
        let errors = operations.filter { $0.isError || $0.outcome == nil }
        guard errors.isEmpty else {
            return Finding(
                .broken, "\(errors.count) of \(operations.count) operations still failed", proofs: errors,
                restsOnTime: errors.allSatisfy(\.isTimeBound))
        }
        let looks = run.metrics.filter { steady.contains($0.time) }
        let unwell = looks.compactMap(Self.complaint)
        guard unwell.isEmpty else {
            return Finding(
                .broken, "\(unwell.count) looks found a server not well again",
                restsOnTime: !Self.isUnwellAtTheEnd(looks), notes: unwell)
        }
        let latency = Unaffected.latency(of: Selection(), in: steady, of: run)
        return Finding(
            latency.verdict, "\(operations.count) operations, no error; \(latency.summary)", proofs: latency.proofs,
            restsOnTime: latency.restsOnTime)
    }

    /// Late is a matter of time; never is not.
    private static func isUnwellAtTheEnd(_ looks: [MetricsSample]) -> Bool {
        let lastLooks = Dictionary(
            looks.filter(\.isLookAtHealth).map { ($0.source, $0) }, uniquingKeysWith: { _, later in later })
        return lastLooks.values.contains { complaint($0) != nil }
    }

    private static func complaint(_ sample: MetricsSample) -> String? {
        let time = (Double(sample.time) / 1e9).formatted(decimals: 1)
        switch sample.content {
        case .readiness(let ready, let breakers, _):
            let open = breakers.filter { $0.value != "closed" }.map { "\($0.key) \($0.value)" }.sorted()
            if !open.isEmpty { return "\(sample.source) at \(time) s: \(open.joined(separator: ", "))" }
            return ready ? nil : "\(sample.source) at \(time) s: not ready"
        case .unreachable(let reason): return "\(sample.source) at \(time) s: \(reason)"
        case .counters, .schedulingDelay: return nil
        }
    }
}
