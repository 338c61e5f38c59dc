/// What a fault acts on: a node (`cache`), one link (`server-0:cache`), or every link to a node (`*:cache`).
public enum FaultTarget: Sendable, Hashable, Codable, CustomStringConvertible {
    case node(String)
    case link(Link)
    case linksTo(String)

    /// Reads `cache`, `server-0:cache` or `*:cache` and checks that the topology has it.
    /// - Throws: ``FleetError/usage(_:)`` that says what there is instead.
    public init(_ text: String, in topology: Topology) throws(FleetError) {
        if text.contains(":") {
            guard let link = Link(text) else {
                throw .usage("`\(text)` is no target: write NODE, CLIENT:SERVER or *:SERVER")
            }
            self = link.client == "*" ? .linksTo(link.server) : .link(link)
        } else {
            self = .node(text)
        }
        try check(in: topology)
    }

    func check(in topology: Topology) throws(FleetError) {
        switch self {
        case .node(let name), .linksTo(let name):
            guard topology.nodes.contains(where: { $0.name == name }) else {
                throw .usage(
                    "no node is named \(name); there are \(topology.nodes.map(\.name).joined(separator: ", "))")
            }
        case .link(let link):
            guard topology.links.contains(link) else {
                let links = topology.links.filter { $0.client == link.client || $0.server == link.server }
                let near = links.isEmpty ? topology.links : links
                throw .usage(
                    """
                    there is no link \(link); there are \
                    \(near.prefix(20).map(\.description).joined(separator: ", ")) (see `chaos status`)
                    """)
            }
        }
    }

    /// The node that a fault on nodes acts on.
    /// - Throws: ``FleetError/usage(_:)`` when this names links.
    func node(for kind: FaultKind, in topology: Topology) throws(FleetError) -> String {
        guard case .node(let name) = self else {
            throw .usage("\(kind.rawValue) acts on a node, and \(self) names links: write only the node's name")
        }
        try check(in: topology)
        return name
    }

    /// The links that a fault on links acts on. A node stands for all links to it.
    /// - Throws: ``FleetError/usage(_:)`` when there are none.
    func links(for kind: FaultKind, in topology: Topology) throws(FleetError) -> [Link] {
        try check(in: topology)
        let links: [Link] =
            switch self {
            case .link(let link): [link]
            case .node(let name), .linksTo(let name): topology.links.filter { $0.server == name }
            }
        guard !links.isEmpty else {
            throw .usage(
                "no link leads to \(self), so \(kind.rawValue) has nothing to act on: choose a Postgres or Redis node")
        }
        return links
    }

    public var description: String {
        switch self {
        case .node(let name): name
        case .link(let link): link.description
        case .linksTo(let name): "*:\(name)"
        }
    }
}
