/// Why a fleet could not be started, reached, broken or healed. Its description says what, where, and what to do.
public enum FleetError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The caller asked for something that does not exist or cannot be: exit code 64.
    case usage(String)
    /// The machine or a program let us down: exit code 70.
    case failed(String)

    public var description: String {
        switch self {
        case .usage(let text), .failed(let text): text
        }
    }

    /// The exit code of `chaos` for this error.
    public var exitCode: Int32 {
        switch self {
        case .usage: 64
        case .failed: 70
        }
    }
}
