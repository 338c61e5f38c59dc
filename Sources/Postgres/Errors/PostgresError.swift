/// Why a call did not succeed, and what that says about its effect.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
    /// What is known of the call's effect.
    public var outcome: Outcome
    /// What went wrong.
    public var reason: Reason
    /// The node's name, as in its ``PostgresEndpoint``.
    public var node: String

    /// Makes the error.
    public init(outcome: Outcome, reason: Reason, node: String) {
        self.outcome = outcome
        self.reason = reason
        self.node = node
    }

    /// What is known of a call that did not succeed.
    public enum Outcome: String, Sendable, Hashable {
        /// Nothing of it reached the server: safe to try elsewhere.
        case notSent
        /// It reached the server and was certainly not applied.
        case failed
        /// It was sent and no answer came, or an answer that leaves its durability open: it may have been applied.
        case unknown
    }

    /// Why it ended so.
    public enum Reason: Sendable {
        /// The server refused it.
        case server(ServerError)
        /// The deadline passed.
        case deadlineExceeded
        /// The caller's task was cancelled.
        case cancelled
        /// The connection broke while the call was on it; the text is libpq's.
        case connectionLost(String)
        /// There is no connection and the last attempt to make one failed; the text says why.
        case unavailable(String)
        /// Every connection waits for a reply for too long to be given more work.
        case unresponsive
        /// No connection became free within the pool's limits; the text says which limit.
        case poolExhausted(String)
        /// The server committed but could not say that its replicas have it.
        case commitUnconfirmed
        /// The statement cannot be sent as it is; the text says what to change.
        case invalidQuery(String)
        /// The server's bytes made no sense; the connection was dropped.
        case protocolViolation(String)
        /// The node or transaction was shut down.
        case closed
    }

    /// The server's error, when it sent one.
    public var serverError: ServerError? {
        if case .server(let error) = reason { return error }
        return nil
    }

    /// The server's SQLSTATE, when it sent one.
    public var sqlState: SQLState? { serverError?.sqlState }

    public var description: String { "\(node): \(reason) (\(outcome.rawValue))" }
}

extension PostgresError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .server(let error): error.description
        case .deadlineExceeded: "the deadline passed before the answer came"
        case .cancelled: "the caller was cancelled"
        case .connectionLost(let detail): "the connection broke: \(detail)"
        case .unavailable(let detail): "no connection: \(detail)"
        case .unresponsive: "the server has stopped answering; try another node"
        case .poolExhausted(let limit): "no free connection: \(limit)"
        case .commitUnconfirmed: "committed, but no replica has confirmed it; ask for the result before trying again"
        case .invalidQuery(let detail): detail
        case .protocolViolation(let detail): "the server sent what libpq cannot read: \(detail)"
        case .closed: "already shut down"
        }
    }
}
