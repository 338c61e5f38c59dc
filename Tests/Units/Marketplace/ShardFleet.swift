import Foundation
import HummingbirdTesting
import Logging
import Postgres
import Testing

@testable import Marketplace

/// Shards and a central, all real, migrated and with a first map. Without replicas and a cache unless it is asked for
/// them, so that every answer comes from a primary.
final class ShardFleet: Sendable {
    /// Their primaries.
    let shards: [PostgresTestServer]
    /// One for each shard, or none at all.
    let replicas: [PostgresTestServer]
    let cache: RedisTestServer?
    let central: PostgresTestServer

    /// - Parameters:
    ///   - count: shards that settings name.
    ///   - used: those of them that the first map has.
    ///   - isWhole: whether each shard has a replica, and the servers a cache.
    init(shards count: Int = 2, used: Int? = nil, isWhole: Bool = false) async throws {
        var shards: [PostgresTestServer] = []
        var replicas: [PostgresTestServer] = []
        for _ in 0..<count {
            let primary = try await PostgresTestServer.start(options: ["max_connections=100"])
            shards.append(primary)
            if isWhole { replicas.append(try await primary.startReplica()) }
        }
        self.shards = shards
        self.replicas = replicas
        cache = isWhole ? try await RedisTestServer.start() : nil
        central = try await .start(options: ["max_connections=100"])
        try await owning { owner in
            for target in MigrationTarget.all(owner) {
                _ = try await Migrator(target.migrations).migrate(
                    try await target.primary(owner), deadline: Environment.live.now() + .seconds(60))
            }
        }
        try await owning(settings(used: used)) { _ = try await MapPublisher(owner: $0).publishFirst() }
    }

    func stop() {
        for server in replicas + shards { server.stop() }
        cache?.stop()
        central.stop()
    }

    func settings(used: Int? = nil, _ change: SettingsChange = .none) -> Settings {
        var settings = Settings()
        settings.database.shards = shards.prefix(used ?? shards.count).enumerated().map { index, server in
            [NodeAddress(name: "shard-\(index)-primary", host: server.directory, port: 5432)]
                + replicas.dropFirst(index).prefix(1).map {
                    NodeAddress(name: "shard-\(index)-replica-0", host: $0.directory, port: 5432)
                }
        }
        settings.cache.node = cache.map { NodeAddress(name: "cache", host: $0.socketPath, port: 6379) }
        settings.cache.callDeadline = .seconds(1)
        settings.database.central = [NodeAddress(name: "central-primary", host: central.directory, port: 5432)]
        settings.database.database = "postgres"
        settings.database.ownerUser = "postgres"
        settings.server.port = 0
        settings.server.accessLog = false
        settings.server.logLevel = .critical
        // What is tested is what is answered, not how fast: this machine may be busy.
        settings.database.readDeadline = .seconds(8)
        settings.database.attemptLimit = .seconds(4)
        settings.database.writeDeadline = .seconds(8)
        settings.resilience.breaker.cooldown = .milliseconds(300)
        settings.resilience.monitor = .init(interval: .milliseconds(50), timeout: .seconds(1))
        change.apply(&settings)
        return settings
    }

    /// The environment that makes the executable reach this fleet.
    var variables: [String: String] {
        let nodes = shards.enumerated().map { "shard-\($0)-primary@\($1.directory):5432" }
        return [
            "MARKETPLACE_SHARDS": nodes.joined(separator: ";"),
            "MARKETPLACE_CENTRAL": "central-primary@\(central.directory):5432",
            "MARKETPLACE_POSTGRES_DATABASE": "postgres", "MARKETPLACE_POSTGRES_OWNER_USER": "postgres",
        ]
    }

    /// Runs a server, ready, and a client of it.
    func serve<Result: Sendable>(
        _ change: SettingsChange = .none, _ body: @escaping @Sendable (MarketplaceClient) async throws -> Result
    ) async throws -> Result {
        let marketplace = try Marketplace.build(
            settings: settings(change), logSink: MarketplaceFleet.silence)
        return try await marketplace.application().test(.router) { client in
            let client = MarketplaceClient(http: client, marketplace: marketplace)
            try await eventually("the server is ready", within: .seconds(30)) {
                try await client.get("/health/ready").status == .ok
            }
            return try await body(client)
        }
    }

    /// Does something as the tables' owner.
    func owning<Result: Sendable>(
        _ settings: Settings? = nil, _ body: (OwnerConnections) async throws -> Result
    ) async throws -> Result {
        let owner = try OwnerConnections(settings: settings ?? self.settings(), logger: Logger(label: "test"))
        let result = await Swift.Result { try await body(owner) }
        await owner.close()
        return try result.get()
    }

    /// Moves a store, with nothing kept for readers on their way.
    func move(
        _ store: String, to shard: String,
        onEvent: @escaping @Sendable (StoreMoveEvent) async throws -> Void = { _ in }
    ) async throws {
        let store = try #require(StoreID(store))
        var limits = StoreMover.Limits()
        limits.grace = .zero
        try await owning { [limits] owner in
            try await StoreMover(owner: owner, limits: limits, onEvent: onEvent).move(store, to: shard)
        }
    }

    /// How many rows of a store a shard holds, in a table or in all of them together.
    func rows(of store: String, on shard: Int, table: String? = nil) async throws -> Int {
        let number = try #require(StoreID(store)).number
        let tables =
            try await shards[shard].ask("SELECT string_agg(name || ':' || store_column, ',') FROM store_tables")
            .split(separator: ",").map { $0.split(separator: ":") }
        let counts = tables.filter { table == nil || $0[0] == table! }.map {
            "(SELECT count(*) FROM \($0[0]) WHERE \($0[1]) = \(number))"
        }
        let text = try await shards[shard].ask("SELECT (\(counts.joined(separator: " + ")))::text")
        return try #require(Int(text))
    }
}
