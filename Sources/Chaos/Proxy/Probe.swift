/// The round trip that a probe makes through a link.
public enum ProbeProtocol: String, Sendable, Codable, CaseIterable {
    /// `PING`, answered by any line (also by an error: the server spoke).
    case redis
    /// SSLRequest, answered by one byte, without a user or a password
    /// (https://www.postgresql.org/docs/15/protocol-message-formats.html).
    case postgres
    /// Connecting only; says nothing of what stands behind the proxy.
    case tcp
}

/// What a probe saw.
public struct ProbeResult: Sendable, Codable, Equatable {
    /// Whether the other end said anything.
    public var answered: Bool
    /// From the first byte sent to the first byte back, and for `tcp` the time to connect; nil when nothing came.
    public var roundTripNanoseconds: Int64?
    /// Why nothing came; nil when it did.
    public var error: String?

    /// Makes the result of a probe.
    public init(answered: Bool, roundTripNanoseconds: Int64?, error: String?) {
        self.answered = answered
        self.roundTripNanoseconds = roundTripNanoseconds
        self.error = error
    }
}
