import SystemPackage

/// What every part of one fleet shares: its names, its place on the machine, its ledger. A runtime is made from it,
/// in the controller that starts the fleet and in whoever tidies up after it.
public struct FleetContext: Sendable {
    public var name: String
    public var topology: Topology
    /// Holds all fleets of this user, and the templates.
    public var root: FilePath
    /// Variables of the caller that reach every service: `FEATURE_…` and `MARKETPLACE_…`.
    public var passedVariables: [String: String]
    /// What was done, written before it was.
    public var ledger: Ledger
    /// The controller's clock and randomness.
    public var environment: FleetEnvironment

    /// The fleet's own directory; everything it starts has its working directory below.
    public var directory: FilePath { FleetDirectory.fleet(name, root: root) }

    /// The directory of one node: its data, its sockets, its working directory.
    public func nodeDirectory(_ node: String) -> FilePath { directory.appending("nodes").appending(node) }

    /// - Throws: ``FleetError`` that lists the nodes there are.
    public func node(_ name: String) throws(FleetError) -> Topology.Node {
        guard let node = topology.nodes.first(where: { $0.name == name }) else {
            let names = topology.nodes.map(\.name).joined(separator: ", ")
            throw .usage("no node is named \(name); there are \(names)")
        }
        return node
    }

    /// The environment of a service or set-up command, placeholders filled in: the topology's, then `own`, then what
    /// the caller passed on. Only a value that names a link cannot be overridden by the caller: it would lead past
    /// the proxy.
    /// - Parameters:
    ///   - client: the name under which it connects: a node's name, or ``Topology/controllerName``.
    ///   - port: fills `{{port}}`.
    ///   - link: where the client reaches this link, as seen from where it runs.
    /// - Throws: ``FleetError`` when a placeholder is unknown.
    public func serviceEnvironment(
        client: String, own: [String: String]?, port: Int?, link: (Link) throws -> HostPort
    ) throws -> [String: String] {
        var all = topology.environment.merging(own ?? [:]) { $1 }
        for (key, value) in passedVariables where all[key]?.contains("{{link:") != true { all[key] = value }
        return try all.mapValues { try fill($0, client: client, port: port, link: link) }
    }

    /// One text with its placeholders filled in.
    public func fill(
        _ text: String, client: String, port: Int?, link: (Link) throws -> HostPort
    ) throws -> String {
        try Placeholders.fill(text) { name in
            switch name {
            case "name": client
            case "port": port.map(String.init)
            default:
                if name.hasPrefix("link:") {
                    try link(Link(client: client, server: String(name.dropFirst(5)))).description
                } else {
                    nil
                }
            }
        }
    }
}
