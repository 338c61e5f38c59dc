import Redis

/// The cache in Redis.
public struct CacheSettings: Sendable, Hashable {
    /// Nil: there is none, and everything is read from the database.
    public var node: NodeAddress?
    /// Nil when it asks for none.
    public var password: String?
    /// A call that takes longer is given up: the database is asked instead.
    public var callDeadline = Duration.milliseconds(30)
    /// An entry lives this long at most.
    public var timeToLive = Duration.seconds(60)
    /// Each entry lives up to this share longer or shorter, so that they do not all end at once.
    public var jitter = 0.1
    /// After a change nothing is put into the cache for this long: what a slow reader or a late replica still shows may
    /// be older than the change.
    public var holdOff = Duration.milliseconds(2000)

    /// The defaults.
    public init() {}

    init(_ reader: inout SettingsReader) {
        let text = reader.text("MARKETPLACE_CACHE", default: "", unit: "node", "name@host:port of the cache")
        do {
            node = try NodeAddress.nodes(text).first
        } catch {
            for complaint in error.complaints { reader.complain(complaint) }
        }
        password = reader.secret("MARKETPLACE_CACHE_PASSWORD", "password of the cache")
        callDeadline = reader.duration("CACHE_CALL_MS", default: 30, "a call to the cache is given up after")
        timeToLive = reader.duration(
            "CACHE_TTL_MS", default: 60_000, in: 1000...86_400_000, "how long products and lists are kept")
        jitter = reader.fraction("CACHE_TTL_JITTER", default: jitter, "how much that varies either way")
        holdOff = reader.duration(
            "CACHE_HOLD_OFF_MS", default: 2000, "nothing is put back this long after a change")
    }
}

extension CacheSettings {
    /// How to log in to the cache; a path is a Unix socket, its port counts for nothing.
    func endpoint(_ node: NodeAddress) -> RedisEndpoint {
        guard node.host.hasPrefix("/") else {
            return RedisEndpoint(name: node.name, host: node.host, port: node.port, password: password)
        }
        return RedisEndpoint(name: node.name, address: .unixSocket(path: node.host), password: password)
    }
}
