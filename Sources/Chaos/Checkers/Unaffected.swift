/// As if nothing had happened: no errors at all, and once the fault has had time to be detected, a p99 of at most
/// twice the same run's baseline and 50 ms. Before that, nothing takes longer than the service's deadline and 50 ms.
public struct Unaffected: Checker {
    public static let name = "unaffected"
    public var judgesOperationsSingly: Bool { true }
    public var promise: String {
        "\(selection.words): no errors; p99 ≤ 2 × baseline + 50 ms from \(detect.text) after the fault, and all "
            + "within \(limit.text) before"
    }
    private let selection: Selection
    private let detect: Duration
    private let limit: Duration

    /// Makes the check: no errors, and latency near the baseline once `detect` has passed since the fault.
    /// - Parameter deadline: when the service itself gives up, which bounds what was under way before.
    public init(
        _ selection: Selection = Selection(), detect: Duration = .seconds(1), deadline: Duration = .milliseconds(500)
    ) {
        self.selection = selection
        self.detect = detect
        limit = deadline + .milliseconds(50)
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        self.init(
            try parameters.selection(), detect: try parameters.duration("detect") ?? .seconds(1),
            deadline: try parameters.duration("deadline") ?? .milliseconds(500))
    }

    public func check(_ run: RecordedRun) -> Finding {
        guard let fault = run.facts.fault, let detected = run.faultPhase(after: detect) else {
            return Finding(.unknown, "there was no fault, or it was over before it could be detected")
        }
        let errors = NoErrors.errors(among: selection, in: fault, of: run)
        guard errors.verdict == .held else { return errors }
        let early = run.operations(selection, overlapping: fault.lowerBound..<detected.lowerBound)
        let slow = early.filter { ($0.latency ?? 0) > limit.nanoseconds }
        guard slow.isEmpty else {
            return Finding(
                .broken,
                "\(slow.count) of \(early.count) \(selection.words) took over \(limit.text) before the fault had to be "
                    + "detected",
                proofs: slow.sorted { ($0.latency ?? 0) > ($1.latency ?? 0) }, restsOnTime: true)
        }
        let latency = Self.latency(of: selection, in: detected, of: run)
        return Finding(
            latency.verdict, "\(errors.summary); \(latency.summary)", proofs: latency.proofs,
            restsOnTime: latency.restsOnTime)
    }

    static func latency(of selection: Selection, in range: Range<Int64>, of run: RecordedRun) -> Finding {
        let baseline = LatencySample(run.operations(selection, startedIn: run.facts.baseline))
        guard baseline.count >= LatencyLimit.minimumSample, let p99 = baseline.quantile(.p99) else {
            return Finding(.unknown, "only \(baseline.count) \(selection.words) in the baseline")
        }
        let finding = LatencyLimit.judge(
            run.operations(selection, startedIn: range), words: selection.words,
            limit: p99 * 2 + .milliseconds(50))
        return Finding(
            finding.verdict, "\(finding.summary) (baseline \(p99.words))", proofs: finding.proofs,
            restsOnTime: finding.restsOnTime, notes: finding.notes)
    }
}
