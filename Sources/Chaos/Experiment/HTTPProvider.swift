/// A call over HTTP, as the Chaos Toolkit's provider of that name.
public struct HTTPProvider: Sendable, Equatable {
    /// With `${name}` for values of the configuration and for the addresses of services: `${server-0}/health/ready`.
    public var url: String
    /// `GET` unless said otherwise.
    public var method: String
    /// Sent with the request.
    public var headers: [String: String]
    /// Without an answer for this long it has failed.
    public var timeout: Duration
}
