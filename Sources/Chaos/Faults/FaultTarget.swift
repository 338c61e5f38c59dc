/// What a fault acts on: a node (`cache`), several (`shard-1`: all nodes of that Postgres group; `shard-0-replica-*`:
/// every node whose name fits), one link (`server-0:cache`), or every link to a node or to several (`*:cache`).
public enum FaultTarget: Sendable, Hashable, Codable, CustomStringConvertible {
    case node(String)
    /// All nodes of a Postgres group.
    case group(String)
    /// Every node whose name fits; `*` stands for any characters.
    case matching(String)
    case link(Link)
    /// Every link to what the text names: a node, a group or a pattern.
    case linksTo(String)

    /// Reads a target and checks that the topology has it.
    /// - Throws: ``FleetError/usage(_:)`` that says what there is instead.
    public init(_ text: String, in topology: Topology) throws(FleetError) {
        if text.contains(":") {
            guard let link = Link(text) else {
                throw .usage("`\(text)` is no target: write NODE, GROUP, PATTERN-*, CLIENT:SERVER or *:SERVER")
            }
            self = link.client == "*" ? .linksTo(link.server) : .link(link)
        } else {
            self = Self.nodes(text, in: topology)
        }
        try check(in: topology)
    }

    /// A node's name wins over a group's.
    private static func nodes(_ text: String, in topology: Topology) -> FaultTarget {
        if text.contains("*") { return .matching(text) }
        let isNode = topology.nodes.contains { $0.name == text }
        return !isNode && PostgresGroup.all(in: topology).contains { $0.name == text } ? .group(text) : .node(text)
    }

    /// The nodes it touches, in the topology's order: those named, or the server ends of the links.
    public func nodes(in topology: Topology) -> [String] {
        switch self {
        case .node(let name): topology.nodes.map(\.name).filter { $0 == name }
        case .group(let name): PostgresGroup.all(in: topology).first { $0.name == name }?.nodes ?? []
        case .matching(let pattern): topology.nodes.map(\.name).filter { Self.fits($0, pattern) }
        case .link(let link): [link.server]
        case .linksTo(let text): Self.nodes(text, in: topology).nodes(in: topology)
        }
    }

    /// `*` stands for any characters, also for none.
    static func fits(_ name: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return name == pattern }
        guard name.hasPrefix(first), name.hasSuffix(last), name.count >= first.count + last.count else { return false }
        var rest = name.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }

    func check(in topology: Topology) throws(FleetError) {
        switch self {
        case .node(let name), .linksTo(let name), .group(let name):
            guard nodes(in: topology).isEmpty else { return }
            if name.contains("*") { throw Self.unmatched(name, in: topology) }
            let groups = PostgresGroup.all(in: topology).map(\.name).joined(separator: ", ")
            throw .usage(
                "no node is named \(name); there are \(topology.nodes.map(\.name).joined(separator: ", "))"
                    + (groups.isEmpty ? "" : "; for all nodes of a Postgres group: \(groups)"))
        case .matching(let pattern):
            if nodes(in: topology).isEmpty { throw Self.unmatched(pattern, in: topology) }
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

    private static func unmatched(_ pattern: String, in topology: Topology) -> FleetError {
        .usage("no node's name fits \(pattern); there are \(topology.nodes.map(\.name).joined(separator: ", "))")
    }

    /// The nodes that a fault on nodes acts on, at least one.
    /// - Throws: ``FleetError/usage(_:)`` when this names links.
    func nodes(for kind: FaultKind, in topology: Topology) throws(FleetError) -> [String] {
        switch self {
        case .link, .linksTo:
            throw .usage("\(kind.rawValue) acts on a node, and \(self) names links: write only the node's name")
        case .node, .group, .matching: break
        }
        try check(in: topology)
        return nodes(in: topology)
    }

    /// The links that a fault on links acts on. Nodes stand for all links to them.
    /// - Throws: ``FleetError/usage(_:)`` when there are none.
    func links(for kind: FaultKind, in topology: Topology) throws(FleetError) -> [Link] {
        try check(in: topology)
        if case .link(let link) = self { return [link] }
        let servers = Set(nodes(in: topology))
        let links = topology.links.filter { servers.contains($0.server) }
        guard !links.isEmpty else {
            throw .usage(
                "no link leads to \(self), so \(kind.rawValue) has nothing to act on: choose a Postgres or Redis node")
        }
        return links
    }

    public var description: String {
        switch self {
        case .node(let name), .group(let name), .matching(let name): name
        case .link(let link): link.description
        case .linksTo(let name): "*:\(name)"
        }
    }
}
