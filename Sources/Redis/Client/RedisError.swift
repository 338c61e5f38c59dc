/// Why a call to Redis did not return its reply, and what that means for the data.
public struct RedisError: Error, Sendable, Hashable {
    /// What is known of the command's effect.
    public enum Outcome: Sendable, Hashable {
        /// No byte of it was handed to the connection: it has had no effect and never will.
        case notSent
        /// The server refused it: it had no effect.
        case failed
        /// It was sent and not answered, or not understandably: it may have taken effect, or still may.
        case unknown
    }

    /// What happened.
    public enum Reason: Sendable, Hashable {
        /// The server answered with an error.
        case server(RedisServerError)
        /// The call's deadline passed.
        case deadlineExceeded
        /// The calling task was cancelled.
        case cancelled
        /// The connection broke, or could not be made; the text says how.
        case connectionLost(String)
        /// There is no connection now and the last attempt failed; the text says why.
        case notConnected(String)
        /// The oldest reply of every connection is overdue (``RedisSettings/overdueAfter``).
        case overdue
        /// A limit of ``RedisSettings`` is reached; the text names it.
        case limitReached(String)
        /// The server sent bytes that are no reply, too large a one, or one that nobody asked for.
        case protocolViolation(String)
        /// The reply is well-formed but not of the command's type.
        case unexpectedReply(String)
        /// The command or an argument cannot be sent over shared connections; the text says why.
        case refused(String)
        /// The client was not started, or was shut down.
        case closed
    }

    /// What became of the command.
    public var outcome: Outcome
    /// Why it ended so.
    public var reason: Reason
    /// The name of the node, from ``RedisEndpoint/name``.
    public var node: String

    /// Makes the error.
    public init(_ outcome: Outcome, _ reason: Reason, node: String) {
        self.outcome = outcome
        self.reason = reason
        self.node = node
    }
}

extension RedisError: CustomStringConvertible {
    public var description: String { "redis \(node): \(reason) (\(outcome))" }
}

extension RedisError.Outcome: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notSent: "not sent"
        case .failed: "failed without effect"
        case .unknown: "effect unknown"
        }
    }
}

extension RedisError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .server(let error): "the server answered: \(error.message)"
        case .deadlineExceeded: "the deadline passed"
        case .cancelled: "the caller was cancelled"
        case .connectionLost(let how): "the connection was lost: \(how)"
        case .notConnected(let why): "not connected: \(why)"
        case .overdue: "the oldest reply is overdue, so no new command is sent"
        case .limitReached(let limit): "limit reached: \(limit)"
        case .protocolViolation(let what): "the server broke the protocol: \(what)"
        case .unexpectedReply(let what): "unexpected reply: \(what)"
        case .refused(let why): "refused: \(why)"
        case .closed: "the client is not running"
        }
    }
}

/// An error that the server answered.
public struct RedisServerError: Error, Sendable, Hashable {
    /// The whole line, without the leading `-`.
    public var message: String

    /// Takes the line that the server sent.
    public init(message: String) {
        self.message = message
    }

    /// The first word, by which errors are told apart: `ERR`, `NOSCRIPT`, `WRONGTYPE`, `OOM`, `READONLY`, …
    public var code: Substring { message.prefix { $0 != " " } }
}
