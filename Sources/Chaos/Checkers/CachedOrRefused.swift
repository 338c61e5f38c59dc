/// What no database can serve any more comes from a cache, not older than a limit where it says its age, or is refused
/// at once with `503` and `Retry-After`.
public struct CachedOrRefused: Checker {
    public static let name = "cached-or-refused"
    public var judgesOperationsSingly: Bool { true }
    public var promise: String {
        "\(selection.words): from a cache, at most \(age.text) old, or 503 with Retry-After; p99 ≤ \(limit.text), from "
            + "\(detect.text) after the fault"
    }
    private let selection: Selection
    private let detect: Duration
    private let limit: Duration
    private let age: Duration

    /// Makes the check.
    /// - Parameters:
    ///   - limit: of the p99 of all of them.
    ///   - age: of what is marked stale: the cache's lifetime and the time that it may stand in for a database.
    public init(
        _ selection: Selection, detect: Duration = .seconds(1), limit: Duration = .milliseconds(50),
        age: Duration = .seconds(60)
    ) {
        self.selection = selection
        self.detect = detect
        self.limit = limit
        self.age = age
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        self.init(
            try parameters.selection(default: .reads), detect: try parameters.duration("detect") ?? .seconds(1),
            limit: try parameters.duration("p99") ?? .milliseconds(50),
            age: try parameters.duration("age") ?? .seconds(60))
    }

    public func check(_ run: RecordedRun) -> Finding {
        guard let fault = run.facts.fault, let detected = run.faultPhase(after: detect) else {
            return Finding(.unknown, "there was no fault, or it was over before it could be detected")
        }
        let reads = run.operations(selection, startedIn: detected).filter {
            ($0.end ?? .max) <= fault.upperBound || ($0.latency ?? .max) > limit.nanoseconds
        }
        let wrong = reads.filter { !isCached($0) && !isRefusal($0) }
        let cached = reads.count { isCached($0) }
        let stale = reads.count { Self.staleAge($0) != nil }
        let latency = LatencyLimit.judge(reads, words: selection.words, limit: limit)
        let summary =
            "\(cached) of \(reads.count) \(selection.words) from a cache (\(stale) marked stale), "
            + "\(reads.count { isRefusal($0) }) refused; \(latency.summary)"
        guard wrong.isEmpty else {
            return Finding(
                .broken, "\(wrong.count) were neither; \(summary)",
                proofs: wrong.sorted { ($0.latency ?? .max) > ($1.latency ?? .max) },
                restsOnTime: wrong.allSatisfy { $0.isError && $0.isTimeBound })
        }
        return Finding(latency.verdict, summary, proofs: latency.proofs, restsOnTime: latency.restsOnTime)
    }

    private func isRefusal(_ operation: Operation) -> Bool {
        operation.status == 503 && operation.value["retryAfter"] != nil
    }

    private func isCached(_ operation: Operation) -> Bool {
        guard operation.outcome == .ok, operation.node == nil else { return false }
        return Self.staleAge(operation).map { $0 <= age } ?? true
    }

    /// `Degraded: stale; age=1.4`: how old it says it is; nil when it says nothing.
    static func staleAge(_ operation: Operation) -> Duration? {
        guard let text = operation.value["degraded"]?.string, text.contains("stale"),
            let start = text.firstRange(of: "age=")
        else { return nil }
        let digits = text[start.upperBound...].prefix { $0.isNumber || $0 == "." }
        return Double(digits).map { .nanoseconds(Int64($0 * 1e9)) }
    }
}
