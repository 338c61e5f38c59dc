import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Postgres
import Synchronization
import Testing

@testable import Marketplace

/// Two shards, the first with two replicas, and a cache, all real, migrated and empty.
final class MarketplaceFleet: Sendable {
    let shards: [[(name: String, server: PostgresTestServer)]]
    let cache: RedisTestServer

    /// One fleet for the tests that break nothing; each makes a store of its own.
    static func shared() async throws -> MarketplaceFleet { try await Shared.instance.fleet() }

    private actor Shared {
        static let instance = Shared()
        private var starting: Task<MarketplaceFleet, any Error>?

        func fleet() async throws -> MarketplaceFleet {
            if let starting { return try await starting.value }
            let task = Task { try await MarketplaceFleet() }
            starting = task
            let fleet = try await task.value
            // The Postgres servers end with this process by themselves; Redis has to be told.
            Self.cache.withLock { $0 = fleet.cache }
            atexit { Shared.cache.withLock { $0?.stop() } }
            return fleet
        }

        private static let cache = Mutex<RedisTestServer?>(nil)
    }

    /// A fleet of its own for a test that breaks it.
    init() async throws {
        let options = ["max_connections=200"]
        let first = try await PostgresTestServer.start(options: options)
        let second = try await PostgresTestServer.start(options: options)
        shards = [
            [
                ("shard-0-primary", first), ("shard-0-replica-0", try await first.startReplica()),
                ("shard-0-replica-1", try await first.startReplica()),
            ], [("shard-1-primary", second)],
        ]
        cache = try await RedisTestServer.start()
        try await migrate()
    }

    func stop() {
        for node in shards.joined().reversed() { node.server.stop() }
        cache.stop()
    }

    func server(_ name: String) throws -> PostgresTestServer {
        try #require(shards.joined().first { $0.name == name }).server
    }

    /// Settings that reach this fleet.
    func settings(_ change: SettingsChange = .none) -> Settings {
        var settings = Settings()
        settings.database.shards = shards.map { nodes in
            nodes.map { NodeAddress(name: $0.name, host: $0.server.directory, port: 5432) }
        }
        settings.database.database = "postgres"
        settings.database.ownerUser = "postgres"
        settings.cache.node = NodeAddress(name: "cache", host: cache.socketPath, port: 6379)
        settings.server.port = 0
        settings.server.accessLog = false
        settings.server.logLevel = .critical
        // What is tested is who answers, not how fast: this machine may be busy.
        settings.database.readDeadline = .seconds(8)
        settings.database.attemptLimit = .seconds(2)
        settings.database.writeDeadline = .seconds(8)
        settings.cache.callDeadline = .seconds(1)
        settings.cache.tombstone = .milliseconds(300)
        settings.resilience.breaker.cooldown = .milliseconds(300)
        settings.resilience.monitor = .init(interval: .milliseconds(50), timeout: .seconds(1))
        change.apply(&settings)
        return settings
    }

    /// Runs a server of the marketplace, ready, and a client of it.
    func serve<Result: Sendable>(
        _ change: SettingsChange = .none, logSink: LogSink = MarketplaceFleet.silence,
        _ body: @escaping @Sendable (MarketplaceClient) async throws -> Result
    ) async throws -> Result {
        let marketplace = try Marketplace.build(settings: settings(change), logSink: logSink)
        return try await marketplace.application().test(.router) { client in
            let client = MarketplaceClient(http: client, marketplace: marketplace)
            try await eventually("the server is ready", within: .seconds(30)) {
                try await client.get("/health/ready").status == .ok
            }
            return try await body(client)
        }
    }

    static let silence = LogSink(descriptor: open("/dev/null", O_WRONLY), dropped: Counter())

    private func migrate() async throws {
        let owner = try OwnerConnections(settings: settings(), logger: Logger(label: "test"))
        for node in try await owner.primaries() {
            _ = try await Migrator(Migrations.all).migrate(node, deadline: Environment.live.now() + .seconds(30))
        }
        await owner.close()
        for node in shards.joined() where node.name.contains("replica") {
            try await caughtUp(node.name)
        }
    }

    /// Waits until a replica has replayed what its primary has written.
    func caughtUp(_ name: String) async throws {
        let primary = try server("shard-0-primary")
        let replica = try server(name)
        let position = try await primary.ask("SELECT pg_current_wal_flush_lsn()::text")
        try await eventually("\(name) has replayed \(position)", within: .seconds(30)) {
            try await replica.ask("SELECT (pg_last_wal_replay_lsn() >= '\(position)'::pg_lsn)::text") == "true"
        }
    }
}

/// What a test changes in the settings.
struct SettingsChange: Sendable {
    let apply: @Sendable (inout Settings) -> Void

    static let none = SettingsChange { _ in }

    /// The contract's own limits, where they matter more than a busy machine.
    static let contractPace = SettingsChange {
        $0.database.attemptLimit = .milliseconds(150)
        $0.resilience.monitor = .init(interval: .milliseconds(200), timeout: .milliseconds(250))
    }

    static func off(_ feature: Features.Feature) -> SettingsChange {
        SettingsChange { $0.features[feature] = false }
    }
}

extension PostgresTestServer {
    /// The one value that a statement gives, as text; nothing for one that gives none.
    @discardableResult
    func ask(_ sql: String, isQuery: Bool = true) async throws -> String {
        let reactor = Reactor(name: "ask")
        let node = PostgresNode(endpoint(), reactor: reactor, logger: Logger(label: "test"))
        node.start()
        let deadline = Environment.live.now() + .seconds(20)
        let result = await Swift.Result { () async throws -> String in
            let rows = try await node.query(Query(sql).unprepared(), deadline: deadline)
            return isQuery ? try #require(rows.first).value(0) : ""
        }
        await node.shutdown()
        reactor.shutdown()
        return try result.get()
    }
}

extension Swift.Result where Failure == any Error {
    /// The outcome of some asynchronous work.
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
