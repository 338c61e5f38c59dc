import Logging
import Postgres

/// Connections as the owner of the tables, for what serving never does: migrating and seeding.
public struct OwnerConnections: Sendable {
    /// Where such work fails; the sentence says what to do.
    public struct Failure: Error, CustomStringConvertible {
        /// What is missing or refused, and what to do.
        public let description: String
    }

    /// Where stores live.
    public let map: ShardMap
    /// By shard.
    public let nodes: [[PostgresNode]]
    let reactor: Reactor
    let environment: Environment

    private static let discoveryLimit = Duration.seconds(10)
    private static let discoveryPause = Duration.milliseconds(100)

    /// Opens connections to every node of every shard.
    /// - Throws: ``SettingsError`` when there is no shard.
    public init(settings: Settings, environment: Environment = .live, logger: Logger) throws {
        let reactor = Reactor(name: "owner")
        map = try ShardMap(settings: settings)
        nodes = settings.database.shards.prefix(map.shards.count).map { addresses in
            addresses.map { address in
                PostgresNode(
                    settings.database.ownerEndpoint(address), settings: settings.database.clientSettings,
                    reactor: reactor, logger: logger)
            }
        }
        self.reactor = reactor
        self.environment = environment
        for node in nodes.joined() { node.start() }
    }

    /// Each shard's primary.
    /// - Throws: ``Failure`` naming the shard whose primary does not answer in time.
    public func primaries() async throws -> [PostgresNode] {
        var primaries: [PostgresNode] = []
        for index in nodes.indices { primaries.append(try await primary(of: index)) }
        return primaries
    }

    /// One shard's primary; asked again until it answers, since a fleet may just be starting.
    public func primary(of shard: Int) async throws -> PostgresNode {
        let end = environment.now() + Self.discoveryLimit
        while environment.now() < end {
            let deadline = min(end, environment.now() + .seconds(1))
            if let found = await PrimaryFinder.find(among: nodes[shard], deadline: deadline).primary { return found }
            try await environment.sleep(for: Self.discoveryPause)
        }
        let names = nodes[shard].map { $0.endpoint.description }.joined(separator: ", ")
        throw Failure(
            description: "\(map.shards[shard]) has no primary among \(names). "
                + "Start it, or correct MARKETPLACE_SHARDS and MARKETPLACE_POSTGRES_OWNER_USER.")
    }

    /// A line for each node: its shard, its name, what it is now.
    public func roles() async -> [String] {
        var lines: [String] = []
        for (index, shard) in map.shards.enumerated() {
            let answer = await PrimaryFinder.find(among: nodes[index], deadline: environment.now() + .seconds(1))
            for node in nodes[index] {
                let role =
                    switch answer.statuses[node.endpoint.name] {
                    case .success(let status):
                        (status.inRecovery ? "replica" : "primary")
                            + "  timeline \(status.timeline)  \(status.walPosition)"
                    case .failure(let error): "no answer: \(error.reason)"
                    case nil: "no answer"
                    }
                lines.append("\(shard)  \(node.endpoint.name)  \(role)")
            }
        }
        return lines
    }

    /// Closes everything.
    public func close() async {
        for node in nodes.joined() { await node.shutdown() }
        reactor.shutdown()
    }
}
