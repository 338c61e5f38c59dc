/// Whoever carries its token never goes back in time: no read of a session shows less than an earlier one, or a write,
/// of the same session did (Terry et al., 1994).
public struct MonotonicReads: Checker {
    public static let name = "monotonic-reads"
    public let promise = "a session that carries its token never goes back in time"
    public var dependsOnFault: Bool { false }

    /// It needs no parameters.
    public init() {}

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {}

    public func check(_ run: RecordedRun) -> Finding {
        let outcome = SessionHistory(run).compare(countedIn: run.heart) { $0.isOfSession }
        guard outcome.breaches.isEmpty else {
            return Finding(
                .broken, "\(outcome.breaches.count) reads went back in time",
                proofs: outcome.breaches.flatMap { [$0.earlier, $0.read] },
                notes: outcome.breaches.map {
                    "session \($0.read.session ?? "") saw version \($0.earlier.version ?? 0) of "
                        + "\($0.read.key ?? "") and then \($0.read.version ?? 0), from \($0.read.node ?? "a cache")"
                })
        }
        guard outcome.checked >= SessionHistory.minimumReads else {
            return Finding(
                .unknown, "only \(outcome.checked) reads of what a session knew, \(SessionHistory.minimumReads) needed")
        }
        return Finding(.held, "\(outcome.checked) reads of what a session knew, none older")
    }
}
