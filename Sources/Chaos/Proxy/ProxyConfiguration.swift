/// What `chaos proxy --config FILE` reads: a JSON list of links.
///
/// ```json
/// [{"name": "server-0:cache", "listen": "127.0.0.1:0", "upstream": "/run/fleet/cache/redis.sock"}]
/// ```
public struct LinkConfiguration: Sendable, Codable, Equatable {
    /// `client:server`, unique within the proxy; 1 to 200 characters, neither `/` nor white space.
    public var name: String
    /// `host:port`; port 0 lets the system choose one, told in the ready file.
    public var listen: String
    /// `host:port`, or the path of a Unix socket (it begins with `/`).
    public var upstream: String

    /// Makes a link; port 0 lets the system choose one.
    public init(name: String, listen: String = "127.0.0.1:0", upstream: String) {
        self.name = name
        self.listen = listen
        self.upstream = upstream
    }
}

/// What the proxy writes to `--ready-file`, atomically, once every link listens.
public struct ProxyReady: Sendable, Codable, Equatable {
    /// `host:port` of the control API.
    public var control: String
    /// Link name to the `host:port` it listens on.
    public var links: [String: String]
    /// The proxy's process.
    public var pid: Int32

    /// Makes what a proxy says once it is ready.
    public init(control: String, links: [String: String], pid: Int32) {
        self.control = control
        self.links = links
        self.pid = pid
    }
}
