import Postgres

/// The Postgres nodes and how they are used.
public struct DatabaseSettings: Sendable, Hashable {
    /// Each shard's nodes; which of them is the primary is asked, not set.
    public var shards: [[NodeAddress]] = []
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
