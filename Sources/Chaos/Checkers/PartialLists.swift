/// While a shard is down, lists over all shards are answered without it, and say so: `partial: true`, and its name.
/// While all are well they say nothing of the kind.
public struct PartialLists: Checker {
    public static let name = "partial-lists"
    public var judgesOperationsSingly: Bool { true }
    public var promise: String {
        "lists and searches go on, and name \(shard) as missing from \(detect.text) after the fault"
    }
    private let shard: String
    private let detect: Duration

    /// Makes the check.
    /// - Parameter shard: the Postgres group that is down.
    public init(shard: String, detect: Duration = .seconds(1)) {
        self.shard = shard
        self.detect = detect
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        guard let shard = try parameters.group("shard") else {
            throw CheckParameters.Failure("`shard` is missing: the Postgres group that is down")
        }
        self.init(shard: shard, detect: try parameters.duration("detect") ?? .seconds(1))
    }

    public func check(_ run: RecordedRun) -> Finding {
        let lists = Selection(.lists)
        guard let fault = run.facts.fault, let detected = run.faultPhase(after: detect) else {
            return Finding(.unknown, "there was no fault, or it was over before it could be detected")
        }
        let during = run.operations(lists, startedIn: detected).filter { ($0.end ?? .max) <= fault.upperBound }
        let before = run.operations(lists, startedIn: run.facts.baseline)
        guard during.count >= Self.minimumLists, before.count >= Self.minimumLists else {
            return Finding(
                .unknown,
                "only \(before.count) lists before the fault and \(during.count) in it, \(Self.minimumLists) needed")
        }
        let failed = run.operations(lists, overlapping: fault).filter { $0.isError || $0.outcome == nil }
        let silent = during.filter { $0.outcome == .ok && !names($0) }
        let early = before.filter { $0.value["partial"]?.bool == true }
        guard failed.isEmpty, silent.isEmpty, early.isEmpty else {
            return Finding(
                .broken,
                "\(failed.count) lists failed, \(silent.count) of \(during.count) did not name \(shard) as missing, "
                    + "\(early.count) of \(before.count) were partial before the fault",
                proofs: failed + silent + early, restsOnTime: silent.isEmpty && failed.allSatisfy(\.isTimeBound))
        }
        return Finding(.held, "\(during.count) lists in the fault named \(shard), \(before.count) before were whole")
    }

    /// Fewer than this show nothing.
    private static let minimumLists = 20

    private func names(_ list: Operation) -> Bool {
        let missing = list.value["missingShards"]?.array?.compactMap(\.string) ?? []
        return list.value["partial"]?.bool == true && missing.contains(shard)
    }
}
