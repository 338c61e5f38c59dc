/// After a promotion writes go on: within a limit the last failure is over, and enough succeed after it.
public struct WritesResume: Checker {
    public static let name = "writes-resume"
    public var promise: String { "\(selection.words) succeed again ≤ \(limit.text) after the promotion" }
    private let selection: Selection
    private let limit: Duration

    /// Makes the check.
    public init(_ selection: Selection, within limit: Duration = .seconds(5)) {
        self.selection = selection
        self.limit = limit
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        self.init(
            try parameters.selection(default: .orders), within: try parameters.duration("within") ?? .seconds(5))
    }

    /// Fewer successes than this after the last failure show nothing.
    private static let minimumSuccesses = 20

    public func check(_ run: RecordedRun) -> Finding {
        guard let fault = run.facts.fault, let promoted = run.promoted else {
            return Finding(.unknown, "there was no promotion")
        }
        let attempts = run.operations(selection, startedIn: fault)
        let failures = attempts.filter { $0.isError || $0.outcome == nil }
        guard !failures.isEmpty else {
            return Finding(.unknown, "no \(selection.words) failed, so nothing met the outage")
        }
        let resumed = max(promoted, failures.map(\.start).max() ?? promoted)
        let after = attempts.count { $0.start > resumed && $0.outcome == .ok }
        let words = Duration.nanoseconds(resumed - promoted).words
        if resumed - promoted > limit.nanoseconds {
            let late = failures.filter { $0.start - promoted > limit.nanoseconds }
            return Finding(
                .broken, "\(late.count) \(selection.words) failed later than that; the last one after \(words)",
                proofs: late, restsOnTime: true)
        }
        guard after >= Self.minimumSuccesses else {
            return Finding(
                .unknown,
                "\(after) \(selection.words) succeeded after the last failure, \(words) after the promotion; "
                    + "\(Self.minimumSuccesses) needed")
        }
        return Finding(
            .held, "the last of \(failures.count) failures was \(words) after the promotion; \(after) succeeded since")
    }
}
