/// Every server's readiness shows that a replica lags: once the fault has lasted for a while, each says at least half
/// of that while, and before the fault none does.
public struct LagShown: Checker {
    public static let name = "lag-shown"
    public var promise: String { "readiness shows the lag of \(node) from \(after.text) after the fault" }
    private let node: String
    private let after: Duration

    /// Makes the check.
    public init(node: String, after: Duration = .seconds(2)) {
        self.node = node
        self.after = after
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        guard let node = try parameters.node("node") else {
            throw CheckParameters.Failure("`node` is missing: the replica that lags")
        }
        self.init(node: node, after: try parameters.duration("after") ?? .seconds(2))
    }

    public func check(_ run: RecordedRun) -> Finding {
        guard let late = run.faultPhase(after: after) else {
            return Finding(.unknown, "there was no fault, or it was over before \(after.text)")
        }
        let during = looks(run.metrics, in: late)
        let before = looks(run.metrics, in: run.facts.baseline)
        guard !during.isEmpty, !before.isEmpty else {
            return Finding(.unknown, "no server said how far \(node) is behind")
        }
        let limit = Double(after.nanoseconds) / 2e9
        let silent = during.filter { $0.seconds < limit }
        let early = before.filter { $0.seconds >= limit }
        let most = during.map(\.seconds).max() ?? 0
        let summary =
            "\(during.count) looks of \(Set(during.map(\.server)).count) servers, \(silent.count) of them without the lag; "
            + "the greatest is \(most.formatted(decimals: 1)) s; \(early.count) of \(before.count) looks before showed one"
        return Finding(
            silent.isEmpty && early.isEmpty ? .held : .broken, summary,
            notes: (silent + early).map {
                "\($0.server) said \($0.seconds.formatted(decimals: 2)) s at "
                    + "\((Double($0.time) / 1e9).formatted(decimals: 1)) s"
            })
    }

    private func looks(
        _ metrics: [MetricsSample], in range: Range<Int64>
    ) -> [(server: String, time: Int64, seconds: Double)] {
        metrics.compactMap { sample in
            guard range.contains(sample.time), case .readiness(_, _, let replicas) = sample.content,
                let seconds = replicas[node]
            else { return nil }
            return (sample.source, sample.time, seconds)
        }
    }
}
