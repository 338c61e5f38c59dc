/// A call over HTTP, as the Chaos Toolkit's provider of that name.
public struct HTTPProvider: Sendable, Equatable {
    /// With `${name}` for values of the configuration and for the addresses of services: `${server-0}/health/ready`.
    public var url: String
    public var method: String
    public var headers: [String: String]
    public var timeout: Duration
}
