import NIOCore

/// Bounds of a proxy. The defaults suit a fleet on one machine.
public struct ProxyLimits: Sendable, Equatable {
    /// Bytes that one direction of one connection holds before its sender is read no more.
    public var heldBytes = 1 << 20
    /// Connections open at a time on one link; more are accepted and closed at once.
    public var connectionsPerLink = 4_096
    /// Links of one proxy.
    public var links = 1_024
    /// Toxics on one link.
    public var toxicsPerLink = 64
    /// How long an upstream may take to accept a connection, in milliseconds.
    public var connectMilliseconds: Int64 = 30_000
    /// Bytes of a control request's body.
    public var requestBytes = 1 << 20

    /// The defaults suit one fleet.
    public init() {}
}
