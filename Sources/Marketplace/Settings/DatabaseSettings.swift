import Postgres

/// The Postgres nodes and how they are used.
public struct DatabaseSettings: Sendable, Hashable {
    /// Each shard's nodes; which of them is the primary is asked, not set.
    public var shards: [[NodeAddress]] = []
    /// The nodes of `central`, which keeps the shard map; empty where the map stands in the settings and never changes.
    public var central: [NodeAddress] = []
    /// How the first map spreads stores; later versions say it themselves.
    public var strategy = ShardMap.Strategy.ring(virtualNodes: ShardMap.defaultVirtualNodes)
    /// How often a server looks for a newer map, give or take a tenth.
    public var mapPoll = Duration.milliseconds(250)
    /// Shards that one request asks at once.
    public var scatterWidth = 16
    /// The name of the database on every node.
    public var database = "marketplace"
    /// The application's role: it neither owns the tables nor bypasses row security.
    public var user = "marketplace_app"
    /// The application role's; nil when it needs none.
    public var password: String?
    /// The role that owns the tables: migrate and seed use it, serving never does.
    public var ownerUser = "seaworthy"
    /// The owner's; nil when it needs none.
    public var ownerPassword: String?
    /// A read is answered or refused within this time.
    public var readDeadline = Duration.milliseconds(500)
    /// How long one node may take before a read turns to another.
    public var attemptLimit = Duration.milliseconds(150)
    /// A write is answered, refused or called unknown within this time.
    public var writeDeadline = Duration.milliseconds(1000)
    /// Connections that writes and lists share, to each node.
    public var poolSize = 12

    /// The defaults.
    public init() {}

    init(_ reader: inout SettingsReader) {
        let nodes = reader.text(
            "MARKETPLACE_SHARDS", default: "", unit: "nodes", "name@host:port, ',' between nodes, ';' between shards")
        do {
            shards = try NodeAddress.shards(nodes)
        } catch {
            for complaint in error.complaints { reader.complain(complaint) }
        }
        readSharding(&reader)
        database = reader.text(
            "MARKETPLACE_POSTGRES_DATABASE", default: database, unit: "name", "on each node")
        user = reader.text("MARKETPLACE_POSTGRES_USER", default: user, unit: "name", "role of the application")
        password = reader.secret("MARKETPLACE_POSTGRES_PASSWORD", "password of that role")
        ownerUser = reader.text(
            "MARKETPLACE_POSTGRES_OWNER_USER", default: ownerUser, unit: "name", "role that migrates and seeds")
        ownerPassword = reader.secret("MARKETPLACE_POSTGRES_OWNER_PASSWORD", "password of that role")
        readDeadline = reader.duration("READ_DEADLINE_MS", default: 500, "a read is answered or refused within")
        attemptLimit = reader.duration("READ_ATTEMPT_MS", default: 150, "a read turns to another node after")
        writeDeadline = reader.duration("WRITE_DEADLINE_MS", default: 1000, "a write is answered or unknown after")
        poolSize = reader.integer(
            "POSTGRES_POOL_SIZE", default: poolSize, in: 1...64, unit: "connections", "for writes and lists, per node")
    }

    private mutating func readSharding(_ reader: inout SettingsReader) {
        let nodes = reader.text(
            "MARKETPLACE_CENTRAL", default: "", unit: "nodes", "name@host:port, ',' between; keeps the shard map")
        do {
            central = try NodeAddress.nodes(nodes)
        } catch {
            for complaint in error.complaints { reader.complain(complaint) }
        }
        let name = reader.text(
            "SHARD_STRATEGY", default: strategy.name, unit: "name", "of the first map: ring, modulo or ranges")
        let points = reader.integer(
            "SHARD_VIRTUAL_NODES", default: ShardMap.defaultVirtualNodes, in: 1...ShardMap.maximumVirtualNodes,
            unit: "points", "of each shard on the ring")
        switch name {
        case "ring": strategy = .ring(virtualNodes: points)
        case "modulo": strategy = .modulo
        case "ranges": strategy = .ranges([])
        default: reader.complain("SHARD_STRATEGY is '\(name.prefix(40))': use ring, modulo or ranges.")
        }
        mapPoll = reader.duration(
            "SHARD_MAP_POLL_MS", default: 250, in: 10...60_000, "a server looks for a newer shard map every")
        scatterWidth = reader.integer(
            "SCATTER_WIDTH", default: scatterWidth, in: 1...256, unit: "shards", "asked at once by one request")
    }
}

extension DatabaseSettings {
    /// How the application logs in to a node.
    func endpoint(_ address: NodeAddress, server: String) -> PostgresEndpoint {
        PostgresEndpoint(
            name: address.name, host: address.host, port: address.port, user: user, password: password,
            database: database, applicationName: server)
    }

    /// How the owner of the tables logs in.
    func ownerEndpoint(_ address: NodeAddress) -> PostgresEndpoint {
        PostgresEndpoint(
            name: address.name, host: address.host, port: address.port, user: ownerUser, password: ownerPassword,
            database: database, applicationName: "marketplace-owner")
    }

    /// The client's own limits under ours.
    var clientSettings: PostgresSettings {
        var settings = PostgresSettings()
        settings.maximumPoolConnections = poolSize
        settings.minimumPoolConnections = min(poolSize, settings.minimumPoolConnections)
        return settings
    }
}
