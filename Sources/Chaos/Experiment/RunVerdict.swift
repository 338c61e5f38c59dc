/// How a whole run ended, as its exit code says.
public enum RunVerdict: String, Codable, Sendable, CaseIterable {
    case held, broken, unknown
    /// The system was not well before anything was broken, so nothing was.
    case unsteady = "steady state never reached"

    /// What `chaos` exits with for it.
    public var exitCode: Int32 {
        switch self {
        case .held: 0
        case .broken: 1
        case .unknown: 2
        case .unsteady: 3
        }
    }

    /// Of several: broken before unsteady before unknown.
    public static func of(_ verdicts: some Collection<RunVerdict>) -> RunVerdict {
        [.broken, .unsteady, .unknown].first { verdicts.contains($0) } ?? .held
    }
}
