import SystemPackage

/// What every part of one fleet shares: its names, its place on the machine, its ledger. A runtime is made from it,
/// in the controller that starts the fleet and in whoever tidies up after it.
public struct FleetContext: Sendable {
    public var name: String
    public var topology: Topology
    /// The fleet's own directory; everything it starts has its working directory below.
    public var directory: FilePath
    /// Variables of the caller that reach every service: `FEATURE_…` and `MARKETPLACE_…`.
    public var passedVariables: [String: String]
    public var ledger: Ledger
    public var environment: FleetEnvironment

    /// The directory of one node: its data, its sockets, its working directory.
    public func nodeDirectory(_ node: String) -> FilePath { directory.appending("nodes").appending(node) }

    /// The environment of a service or set-up command, placeholders filled in: the topology's, then `own`, then what
    /// the caller passed on.
    /// - Parameters:
    ///   - client: the name under which it connects: a node's name, or ``Topology/controllerName``.
    ///   - port: fills `{{port}}`.
    ///   - link: where the client reaches this link, as seen from where it runs.
    /// - Throws: ``FleetError`` when a placeholder is unknown.
    public func serviceEnvironment(
        client: String, own: [String: String]?, port: Int?, link: (Link) throws -> HostPort
    ) throws -> [String: String] {
        fatalError("not yet")
    }
}
