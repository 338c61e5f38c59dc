import Postgres
import Testing

@testable import Marketplace

extension MarketplaceFleet {
    /// The replica receives on, and shows nothing of it; returns once it does.
    func pauseReplay(of name: String) async throws {
        let replica = try server(name)
        try await replica.ask("SELECT pg_wal_replay_pause()::text")
        try await eventually("\(name) has paused its replay") {
            try await replica.ask("SELECT pg_get_wal_replay_pause_state()") == "paused"
        }
    }

    func resumeReplay(of name: String) async throws {
        try await server(name).ask("SELECT pg_wal_replay_resume()::text")
    }

    /// The replica receives nothing any more; returns once it does not.
    func stopReceiving(_ name: String) async throws {
        let replica = try server(name)
        try await replica.set("primary_conninfo", to: "")
        try await eventually("\(name) receives nothing") {
            try await replica.ask("SELECT count(*)::text FROM pg_stat_wal_receiver") == "0"
        }
    }

    /// Has a replica follow another node, as a promotion repoints siblings.
    func follow(_ name: String, _ primary: String) async throws {
        try await server(name).set(
            "primary_conninfo", to: "host=\(try server(primary).directory) port=5432 user=postgres")
    }

    /// Makes a replica the primary; returns once it takes writes.
    func promote(_ name: String) async throws {
        let promoted = try await server(name).ask("SELECT pg_promote(true, 60)::text")
        #expect(promoted == "true")
    }
}

extension PostgresTestServer {
    /// Changes a setting that takes a reload.
    func set(_ name: String, to value: String) async throws {
        try await ask("ALTER SYSTEM SET \(name) = '\(value)'", isQuery: false)
        try await ask("SELECT pg_reload_conf()::text")
    }
}
