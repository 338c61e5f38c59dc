/// A link as the control API lists it.
public struct LinkStatus: Sendable, Equatable {
    public var name: String
    /// `host:port` that it listens on now.
    public var listen: String
    /// `host:port` or the path of a Unix socket.
    public var upstream: String
    /// A disabled link does not listen, and its connections were closed.
    public var enabled: Bool
    /// In the order in which they were added.
    public var toxics: [ToxicSpecification]

    /// Makes a status.
    public init(name: String, listen: String, upstream: String, enabled: Bool, toxics: [ToxicSpecification]) {
        self.name = name
        self.listen = listen
        self.upstream = upstream
        self.enabled = enabled
        self.toxics = toxics
    }
}
