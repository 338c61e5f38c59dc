/// How a promise fared.
public enum Verdict: String, Sendable, Codable, CaseIterable {
    case held, broken, unknown

    /// The verdict of several together: broken if any is broken, held only if all are held.
    public static func of(_ verdicts: some Sequence<Verdict>) -> Verdict {
        var all = Verdict.held
        for verdict in verdicts {
            if verdict == .broken { return .broken }
            if verdict == .unknown { all = .unknown }
        }
        return all
    }
}
