/// Whoever carries its token reads its own writes, on whichever server: no read of a session shows less than what was
/// acknowledged to it before (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", 1994).
public struct ReadYourWrites: Checker {
    public static let name = "read-your-writes"
    public let promise = "a session that carries its token reads its own writes"
    public var dependsOnFault: Bool { false }

    /// It needs no parameters.
    public init() {}

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {}

    public func check(_ run: RecordedRun) -> Finding {
        let outcome = SessionHistory(run).compare(countedIn: run.heart) { $0.function == "session-write" }
        guard outcome.breaches.isEmpty else {
            return Finding(
                .broken, "\(outcome.breaches.count) reads did not show what their session had written",
                proofs: outcome.breaches.flatMap { [$0.earlier, $0.read] },
                notes: outcome.breaches.map {
                    "session \($0.read.session ?? "") wrote version \($0.earlier.version ?? 0) and then read "
                        + "\($0.read.version ?? 0), from \($0.read.node ?? "a cache")"
                })
        }
        guard outcome.checked >= SessionHistory.minimumReads else {
            return Finding(
                .unknown,
                "only \(outcome.checked) reads after a write of their own, \(SessionHistory.minimumReads) needed")
        }
        return Finding(.held, "\(outcome.checked) reads after a write of their own, each showed it")
    }
}
