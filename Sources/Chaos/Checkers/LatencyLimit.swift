/// A quantile of latency stays under a fixed limit while the fault lasts.
public struct LatencyLimit: Checker {
    public static let name = "latency"
    public var judgesOperationsSingly: Bool { true }
    public var promise: String {
        "p\((quantile.share * 100).formatted(decimals: 0)) of \(selection.words) ≤ \(limit.words)"
    }
    private let selection: Selection
    private let limit: Duration
    private let quantile: Quantile

    /// Makes the check: the quantile of the selected operations may not pass the limit.
    public init(_ selection: Selection, limit: Duration, quantile: Quantile = .p99) {
        self.selection = selection
        self.limit = limit
        self.quantile = quantile
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        let selection = try parameters.selection()
        guard let limit = try parameters.duration("p99") else {
            throw CheckParameters.Failure("`p99` is missing, for example `p99: 100ms`")
        }
        self.init(selection, limit: limit)
    }

    public func check(_ run: RecordedRun) -> Finding {
        Self.judge(
            run.operations(selection, startedIn: run.facts.fault ?? run.facts.baseline), words: selection.words,
            limit: limit, quantile: quantile)
    }

    /// A quantile of fewer operations than this is one operation's luck.
    static let minimumSample = 100

    static func judge(_ operations: [Operation], words: String, limit: Duration, quantile: Quantile = .p99) -> Finding {
        let sample = LatencySample(operations)
        let name = "p\((quantile.share * 100).formatted(decimals: 0))"
        guard sample.count >= minimumSample, let measured = sample.quantile(quantile) else {
            return Finding(.unknown, "only \(sample.count) \(words), \(minimumSample) needed for a \(name)")
        }
        let summary = "\(name) of \(sample.count) \(words) is \(measured.words), limit \(limit.words)"
        guard measured > limit else { return Finding(.held, summary) }
        let slow = operations.filter { ($0.latency ?? 0) > limit.nanoseconds }
        return Finding(
            .broken, summary, proofs: slow.sorted { ($0.latency ?? 0) > ($1.latency ?? 0) }, restsOnTime: true)
    }
}
