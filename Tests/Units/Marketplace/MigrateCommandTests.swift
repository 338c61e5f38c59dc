import Testing

/// `marketplace migrate`, as an operator runs it.
@Suite("marketplace migrate", .timeLimit(.minutes(3)))
struct MigrateCommandTests {
    /// The lines about one database.
    private static func lines(_ outcome: MarketplaceProcess.Outcome, of database: String) -> [String] {
        outcome.lines.filter { $0.hasPrefix(database + "  ") }
    }

    /// Two shards and a central, all empty.
    private static func startServers() async throws -> [PostgresTestServer] {
        var servers: [PostgresTestServer] = []
        for _ in 0..<3 { servers.append(try await .start()) }
        return servers
    }

    private static func migrate(
        _ servers: [PostgresTestServer], _ arguments: String...
    ) async throws -> MarketplaceProcess.Outcome {
        let shards = servers.prefix(2).enumerated().map { "shard-\($0)-primary@\($1.directory):5432" }
        return try await MarketplaceProcess.run(
            ["migrate"] + arguments,
            [
                "MARKETPLACE_SHARDS": shards.joined(separator: ";"),
                "MARKETPLACE_CENTRAL": "central-primary@\(servers[2].directory):5432",
                "MARKETPLACE_POSTGRES_DATABASE": "postgres", "MARKETPLACE_POSTGRES_OWNER_USER": "postgres",
            ])
    }

    @Test("status shows every shard and central, what is applied, what waits, and who does not answer")
    func status() async throws {
        let servers = try await Self.startServers()
        defer { for server in servers { server.stop() } }
        let databases = ["shard-0", "shard-1", "central"]

        let before = try await Self.migrate(servers, "--status")
        #expect(before.code == 0)
        for database in databases {
            let lines = Self.lines(before, of: database)
            #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("  pending  ") }, "\(lines)")
        }
        #expect(before.lines.contains("shard-1  0009_row_security  pending  contract"))

        let migrated = try await Self.migrate(servers)
        #expect(migrated.code == 0 && migrated.lines.contains { $0.hasPrefix("shard-1: applied 0001_stores") })
        let after = try await Self.migrate(servers, "--status")
        for database in databases {
            let lines = Self.lines(after, of: database)
            #expect(lines.count == Self.lines(before, of: database).count)
            #expect(lines.allSatisfy { $0.contains("  applied  20") }, "\(lines)")
        }

        // A database in use that lacks a step of contraction keeps waiting for it until it is told.
        _ = try await servers[0].ask("DELETE FROM schema_migrations WHERE number = 9 RETURNING name")
        let again = try await Self.migrate(servers)
        #expect(again.lines.contains("shard-0: nothing to do"))
        #expect(again.lines.contains { $0.hasPrefix("shard-0: 0009_row_security waits for --contract") })

        servers[1].stop()
        let partial = try await Self.migrate(servers, "--status")
        #expect(partial.code == 70)
        #expect(partial.lines.contains { $0.hasPrefix("shard-1  no answer: shard-1 has no primary") })
        #expect(Self.lines(partial, of: "central").allSatisfy { $0.contains("  applied  ") })
    }

    @Test("with a shard away the others are migrated all the same, it is named, and no map is published")
    func shardAway() async throws {
        let servers = try await Self.startServers()
        defer { for server in servers { server.stop() } }
        try servers[1].kill()
        let partial = try await Self.migrate(servers)
        #expect(partial.code == 70)
        #expect(partial.errors.hasPrefix("marketplace: shard-1 has no primary among shard-1-primary"))
        #expect(!partial.errors.contains("shard-0") && !partial.errors.contains("central"), "\(partial.errors)")
        #expect(partial.lines.contains { $0.hasPrefix("shard-0: applied 0001_stores") })
        #expect(partial.lines.contains { $0.hasPrefix("central: applied ") })
        #expect(!partial.lines.contains { $0.hasPrefix("shard map") })
        #expect(try await servers[2].ask("SELECT count(*)::text FROM shard_map") == "0")

        try await servers[1].start()
        let status = try await Self.migrate(servers, "--status")
        #expect(status.code == 0)
        for (database, state) in [("shard-0", "applied"), ("shard-1", "pending"), ("central", "applied")] {
            let lines = Self.lines(status, of: database)
            #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("  \(state)  ") }, "\(lines)")
        }
        let rest = try await Self.migrate(servers)
        #expect(rest.code == 0 && rest.lines.contains { $0.hasPrefix("shard-1: applied 0001_stores") })
        #expect(rest.lines.contains("shard-0: nothing to do") && rest.lines.contains { $0.hasPrefix("shard map: ") })
    }
}
