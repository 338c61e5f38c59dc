/// No read is older than the bound and the time granted to notice it: of a product whose change had been acknowledged
/// that long before a read was asked, the read shows at least that change. By versions, so no clock is compared.
public struct StaleBound: Checker {
    public static let name = "stale-bound"
    public var promise: String { "no read is older than \(bound.text) + \(detect.text)" }
    private let bound: Duration
    private let detect: Duration

    /// Makes the check.
    public init(bound: Duration = .seconds(2), detect: Duration = .seconds(1)) {
        self.bound = bound
        self.detect = detect
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        self.init(
            bound: try parameters.duration("bound") ?? .seconds(2),
            detect: try parameters.duration("detect") ?? .seconds(1))
    }

    public func check(_ run: RecordedRun) -> Finding {
        let changes = Self.changes(run)
        let reads = run.operations.filter {
            $0.outcome == .ok && $0.version != nil && $0.function != "session-write" && changes[$0.key ?? ""] != nil
                && $0.value["when"] == nil
        }
        let limit = (bound + detect).nanoseconds
        var worst: Int64 = 0
        var late: [(age: Int64, read: Operation)] = []
        for read in reads {
            let age = Self.age(of: read, changes[read.key ?? ""] ?? [])
            worst = max(worst, age)
            if age > limit { late.append((age, read)) }
        }
        let oldest = Duration.nanoseconds(worst).words
        guard late.isEmpty else {
            late.sort { $0.age > $1.age }
            return Finding(
                .broken, "\(late.count) of \(reads.count) reads of changed products were too old, by up to \(oldest)",
                proofs: late.map(\.read), restsOnTime: true, excess: .nanoseconds(worst - limit),
                notes: late.map {
                    "version \($0.read.version ?? 0) of \($0.read.key ?? "") from \($0.read.node ?? "a cache") was "
                        + "superseded \(Duration.nanoseconds($0.age).words) before it was asked for"
                })
        }
        let checked = reads.count { run.heart.contains($0.start) }
        guard checked >= SessionHistory.minimumReads else {
            return Finding(
                .unknown, "only \(checked) reads of changed products, \(SessionHistory.minimumReads) needed")
        }
        return Finding(.held, "\(checked) reads of changed products, the oldest by \(oldest)")
    }

    private struct Change {
        var version: Int64
        var acknowledged: Int64
    }

    /// Acknowledged changes of each product.
    private static func changes(_ run: RecordedRun) -> [String: [Change]] {
        var changes: [String: [Change]] = [:]
        for write in run.operations where write.function == "session-write" && write.outcome == .ok {
            guard let key = write.key, let version = write.version, let end = write.end else { continue }
            changes[key, default: []].append(Change(version: version, acknowledged: end))
        }
        return changes
    }

    /// How long before the read was due it had been superseded; zero when it had not.
    private static func age(of read: Operation, _ changes: [Change]) -> Int64 {
        let missed = changes.filter { $0.version > read.version ?? 0 }.map(\.acknowledged).min()
        return max(0, read.start - (missed ?? .max))
    }
}
