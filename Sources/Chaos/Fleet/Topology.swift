/// What a fleet consists of: nodes, how they reach each other, and what to run once before the services start.
///
/// A topology is data (YAML or JSON, see `Fixtures/topologies/`): names, counts, settings and limits stand there, not
/// in code. The same topology runs on every ``Runtime`` with the same names, links and proxies.
public struct Topology: Codable, Sendable, Equatable {
    /// Format version of the file; this release reads 1.
    public var version: Int
    public var name: String
    /// In starting order: data nodes before the services that connect to them.
    public var nodes: [Node]
    /// Commands run once, in order, when every data node is ready and before the first service starts
    /// (migrations, seed data). They run as the client `chaos`, with the same environment as the services.
    public var setup: [SetupCommand]
    /// Environment of every service and set-up command, before a node's own. Values may use placeholders, see
    /// ``Node/environment``.
    public var environment: [String: String]
    /// Whether every Postgres group acknowledges a commit only when a replica has it too; see ``Node/durable``.
    public var durable: Bool

    /// Makes it from its parts.
    public init(
        version: Int = 1, name: String, nodes: [Node], setup: [SetupCommand] = [], environment: [String: String] = [:],
        durable: Bool = false
    ) {
        self.version = version
        self.name = name
        self.nodes = nodes
        self.setup = setup
        self.environment = environment
        self.durable = durable
    }

    /// `setup`, `environment` and `durable` may be left out of a file.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        version = try values.decode(Int.self, forKey: .version)
        name = try values.decode(String.self, forKey: .name)
        nodes = try values.decode([Node].self, forKey: .nodes)
        setup = try values.decodeIfPresent([SetupCommand].self, forKey: .setup) ?? []
        environment = try values.decodeIfPresent([String: String].self, forKey: .environment) ?? [:]
        durable = try values.decodeIfPresent(Bool.self, forKey: .durable) ?? false
    }

    /// One process or container of the fleet.
    public struct Node: Codable, Sendable, Equatable {
        /// Unique, and fit for DNS: lower-case letters, digits and inner hyphens, 40 characters at most.
        public var name: String
        public var kind: Kind
        /// Postgres: the primary this node streams from at the start. Nil: it is a primary.
        public var replicaOf: String?
        /// Postgres primary: whether its group acknowledges a commit only when one replica has it too. Nil: as the
        /// topology says.
        public var durable: Bool?
        /// Postgres or Redis server settings, by the server's own names.
        public var settings: [String: String]?
        /// Service: program and arguments; `marketplace` and `chaos` name the project's own executables.
        public var command: [String]?
        /// Service: environment over the topology's. `{{link:NODE}}` becomes the `host:port` of this node's link to
        /// NODE, `{{port}}` the port to listen on, `{{name}}` the node's name.
        public var environment: [String: String]?
        /// Service: the nodes it connects to, one proxied link each.
        public var connects: [String]?
        /// Service: path that answers 200 once the node can serve, for example `/health/ready`.
        public var health: String?

        /// Makes it from its parts.
        public init(
            name: String, kind: Kind, replicaOf: String? = nil, durable: Bool? = nil,
            settings: [String: String]? = nil, command: [String]? = nil, environment: [String: String]? = nil,
            connects: [String]? = nil, health: String? = nil
        ) {
            self.name = name
            self.kind = kind
            self.replicaOf = replicaOf
            self.durable = durable
            self.settings = settings
            self.command = command
            self.environment = environment
            self.connects = connects
            self.health = health
        }
    }

    /// What runs in a node.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case postgres, redis, service
    }

    /// A command run once with the fleet's links in its environment.
    public struct SetupCommand: Codable, Sendable, Equatable {
        /// The executable and its arguments.
        public var command: [String]
        /// Variables on top of the fleet's own.
        public var environment: [String: String]?

        /// Makes a command.
        public init(command: [String], environment: [String: String]? = nil) {
            self.command = command
            self.environment = environment
        }
    }
}

extension Topology {
    /// The name under which the controller itself (probes, set-up commands) connects to nodes.
    public static let controllerName = "chaos"

    /// Every proxied link of the fleet: services to the nodes they connect to, the controller to every data node, and
    /// replication as a full mesh within each Postgres group, so that any replica can follow any promoted sibling.
    public var links: [Link] {
        var links: [Link] = []
        for node in nodes where node.kind == .service {
            links += (node.connects ?? []).map { Link(client: node.name, server: $0) }
        }
        for node in nodes where node.kind != .service {
            links.append(Link(client: Self.controllerName, server: node.name))
        }
        let postgres = nodes.filter { $0.kind == .postgres }
        for group in Dictionary(grouping: postgres, by: { $0.replicaOf ?? $0.name }).values where group.count > 1 {
            for client in group {
                for server in group where server.name != client.name {
                    links.append(Link(client: client.name, server: server.name))
                }
            }
        }
        return links
    }

    /// The other nodes of a Postgres node's group: the primary that it starts with, and that one's replicas.
    func siblings(of node: Node) -> [Node] {
        let primary = node.replicaOf ?? node.name
        return nodes.filter {
            $0.kind == .postgres && ($0.replicaOf ?? $0.name) == primary && $0.name != node.name
        }
    }

    /// A Postgres node's settings: its own, and in a durable group the replicas one of which has to have a commit. They
    /// are the same on every node of the group, since any of them may be promoted.
    func postgresSettings(of node: Node) -> [String: String] {
        var settings = node.settings ?? [:]
        let primary = nodes.first { $0.name == node.replicaOf ?? node.name }
        let names = siblings(of: node).map { "\"\($0.name)\"" }.joined(separator: ", ")
        if primary?.durable ?? durable, !names.isEmpty {
            settings["synchronous_standby_names"] = "ANY 1 (\(names))"
        }
        return settings
    }
}

/// One proxied connection path, written `client:server`.
public struct Link: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The node that connects.
    public var client: String
    /// The node that is connected to.
    public var server: String

    /// Names the link between two nodes.
    public init(client: String, server: String) {
        self.client = client
        self.server = server
    }

    /// Reads `server-0:cache`; nil if it is not two names with one colon between.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(client: String(parts[0]), server: String(parts[1]))
    }

    public var description: String { "\(client):\(server)" }
}
