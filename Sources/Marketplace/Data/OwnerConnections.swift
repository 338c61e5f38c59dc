import Logging
import Postgres

/// Connections as the owner of the tables, for what serving never does: migrating, seeding
/// and moving stores.
public struct OwnerConnections: Sendable {
    /// Where such work fails; the sentence says what to do.
    public struct Failure: Error, CustomStringConvertible {
        /// What is missing or refused, and what to do.
        public let description: String
    }

    /// The first map, as the settings describe it; `central` has later ones.
    public let map: ShardMap
    /// The shards' names, in the order of the settings.
    public let names: [String]
    /// By shard, in the order of the settings.
    public let nodes: [[PostgresNode]]
    private let central: [PostgresNode]
    let reactor: Reactor
    let environment: Environment

    private static let discoveryLimit = Duration.seconds(10)
    private static let discoveryPause = Duration.milliseconds(100)

    /// Opens connections to every node of every shard.
    /// - Throws: ``SettingsError`` when there is no shard.
    public init(settings: Settings, environment: Environment = .live, logger: Logger) throws {
        let reactor = Reactor(name: "owner")
        map = try ShardMap(settings: settings)
        names = map.shards
        var limits = settings.database.clientSettings
        // A mover's snapshot waits for the other shard between two pages.
        limits.idleInTransactionTimeout = .seconds(30)
        limits.maximumPoolWait = .seconds(5)
        func open(_ addresses: [NodeAddress]) -> [PostgresNode] {
            addresses.map { address in
                PostgresNode(
                    settings.database.ownerEndpoint(address), settings: limits, reactor: reactor, logger: logger)
            }
        }
        nodes = settings.database.shards.prefix(names.count).map(open)
        central = settings.features[.sharding] ? open(settings.database.central) : []
        self.reactor = reactor
        self.environment = environment
        for node in nodes.joined() { node.start() }
        for node in central { node.start() }
    }

    /// Whether there is a `central` that keeps the map.
    public var hasCentral: Bool { !central.isEmpty }

    /// The map in force: central's newest, or the settings' where there is no central, or central has none yet.
    public func currentMap() async throws -> ShardMap {
        guard hasCentral else { return map }
        return try await MapPublisher(owner: self).newest() ?? map
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
        try await primary(among: nodes[shard], of: names[shard], setting: "MARKETPLACE_SHARDS")
    }

    /// The primary of the shard with that name.
    /// - Throws: ``Failure`` when settings name no such shard, or its primary does not answer.
    public func primary(named name: String) async throws -> PostgresNode {
        guard let index = names.firstIndex(of: name) else {
            throw Failure(
                description: "There is no \(name) in MARKETPLACE_SHARDS, only \(names.joined(separator: ", ")).")
        }
        return try await primary(of: index)
    }

    /// Central's primary.
    public func centralPrimary() async throws -> PostgresNode {
        guard hasCentral else { throw StoreMoveError.noCentral }
        return try await primary(among: central, of: "central", setting: "MARKETPLACE_CENTRAL")
    }

    private func primary(
        among nodes: [PostgresNode], of name: String, setting: String
    ) async throws -> PostgresNode {
        let end = environment.now() + Self.discoveryLimit
        while environment.now() < end {
            let deadline = min(end, environment.now() + .seconds(1))
            if let found = await PrimaryFinder.find(among: nodes, deadline: deadline).primary { return found }
            try await environment.sleep(for: Self.discoveryPause)
        }
        let names = nodes.map { $0.endpoint.description }.joined(separator: ", ")
        throw Failure(
            description: "\(name) has no primary among \(names). "
                + "Start it, or correct \(setting) and MARKETPLACE_POSTGRES_OWNER_USER.")
    }

    /// A line for each node: its shard, its name, what it is now.
    public func roles() async -> [String] {
        var lines: [String] = []
        for (shard, nodes) in zip(names + ["central"], nodes + [central]) {
            let answer = await PrimaryFinder.find(among: nodes, deadline: environment.now() + .seconds(1))
            for node in nodes {
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
        for node in Array(nodes.joined()) + central { await node.shutdown() }
        reactor.shutdown()
    }
}
