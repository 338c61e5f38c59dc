/// What cannot be served is refused at once: from detection on every attempt gets `503` with `Retry-After`, with a p99
/// of at most 50 ms. What was sent before may end unknown. A replayed answer to a known key is no breach.
public struct FailFast: Checker {
    public static let name = "fail-fast"
    public var judgesOperationsSingly: Bool { true }
    public var promise: String {
        "\(selection.words): 503 with Retry-After, p99 ≤ \(limit.text), from \(detect.text) after the fault"
    }
    private let selection: Selection
    private let detect: Duration
    private let limit: Duration

    /// Makes the check: failures within `limit` once `detect` has passed since the fault.
    public init(_ selection: Selection, detect: Duration = .seconds(1), limit: Duration = .milliseconds(50)) {
        self.selection = selection
        self.detect = detect
        self.limit = limit
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        self.init(
            try parameters.selection(default: .orders), detect: try parameters.duration("detect") ?? .seconds(1),
            limit: try parameters.duration("p99") ?? .milliseconds(50))
    }

    public func check(_ run: RecordedRun) -> Finding {
        guard let fault = run.facts.fault, let detected = run.faultPhase(after: detect) else {
            return Finding(.unknown, "there was no fault, or it was over before it could be detected")
        }
        // What was still running when the heal began may have been answered by the healed node.
        let attempts = run.operations(selection, startedIn: detected).filter {
            ($0.end ?? .max) <= fault.upperBound || ($0.latency ?? .max) > limit.nanoseconds
        }
        let wrong = attempts.filter { !isRefusal($0) }
        let latency = LatencyLimit.judge(attempts, words: selection.words, limit: limit)
        guard wrong.isEmpty else {
            let slow = wrong.filter { $0.isError }.count
            return Finding(
                .broken,
                "\(wrong.count) of \(attempts.count) \(selection.words) were not refused with 503 and Retry-After "
                    + "(\(slow) ended in another error or unknown); \(latency.summary)",
                proofs: wrong.sorted { ($0.latency ?? .max) > ($1.latency ?? .max) },
                restsOnTime: wrong.allSatisfy { $0.isError && $0.isTimeBound && $0.status != 503 })
        }
        return Finding(
            latency.verdict, "all refused with 503; \(latency.summary)", proofs: latency.proofs,
            restsOnTime: latency.restsOnTime)
    }

    private func isRefusal(_ operation: Operation) -> Bool {
        operation.isReplay || (operation.status == 503 && operation.value["retryAfter"] != nil)
    }
}
