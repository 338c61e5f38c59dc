/// While a shard has lost its primary, what its replicas serve says so, and how old it is: `Degraded: read-only;
/// age=…`.
public struct MarkedDegraded: Checker {
    public static let name = "marked-degraded"
    public var promise: String {
        "\(selection.words) served from the database carry Degraded: read-only and their age, from \(detect.text) after "
            + "the fault"
    }
    private let selection: Selection
    private let detect: Duration

    /// Makes the check: answers are marked once `detect` has passed since the fault.
    public init(_ selection: Selection, detect: Duration = .seconds(1)) {
        self.selection = selection
        self.detect = detect
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        self.init(
            try parameters.selection(default: .reads), detect: try parameters.duration("detect") ?? .seconds(1))
    }

    public func check(_ run: RecordedRun) -> Finding {
        guard let fault = run.facts.fault, let detected = run.faultPhase(after: detect) else {
            return Finding(.unknown, "there was no fault, or it was over before it could be detected")
        }
        let served = run.operations(selection, startedIn: detected).filter {
            $0.outcome == .ok && $0.node != nil && ($0.end ?? .max) <= fault.upperBound
        }
        guard !served.isEmpty else { return Finding(.unknown, "no \(selection.words) reached the database") }
        let unmarked = served.filter { $0.value["degraded"]?.string?.contains("read-only; age=") != true }
        guard !unmarked.isEmpty else { return Finding(.held, "all \(served.count) \(selection.words) were marked") }
        return Finding(
            .broken, "\(unmarked.count) of \(served.count) \(selection.words) were not marked", proofs: unmarked)
    }
}
