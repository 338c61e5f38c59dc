import Foundation
import Testing

@testable import Chaos

/// `marketplace migrate`, as an operator runs it.
@Suite("marketplace migrate", .timeLimit(.minutes(3)))
struct MigrateCommandTests {
    private struct Run: Sendable {
        let lines: [String]
        let code: Int32

        /// The lines about one database.
        func lines(of database: String) -> [String] { lines.filter { $0.hasPrefix(database + "  ") } }
    }

    @Test("status shows every shard and central, what is applied, what waits, and who does not answer")
    func status() async throws {
        let servers = [
            try await PostgresTestServer.start(), try await PostgresTestServer.start(),
            try await PostgresTestServer.start(),
        ]
        defer { for server in servers { server.stop() } }
        let environment = [
            "MARKETPLACE_SHARDS":
                "shard-0-primary@\(servers[0].directory):5432;shard-1-primary@\(servers[1].directory):5432",
            "MARKETPLACE_CENTRAL": "central-primary@\(servers[2].directory):5432",
            "MARKETPLACE_POSTGRES_DATABASE": "postgres", "MARKETPLACE_POSTGRES_OWNER_USER": "postgres",
        ]
        let databases = ["shard-0", "shard-1", "central"]

        let before = try await migrate(["--status"], environment)
        #expect(before.code == 0)
        for database in databases {
            let lines = before.lines(of: database)
            #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("  pending  ") }, "\(lines)")
        }
        #expect(before.lines.contains("shard-1  0009_row_security  pending  contract"))

        let migrated = try await migrate([], environment)
        #expect(migrated.code == 0 && migrated.lines.contains { $0.hasPrefix("shard-1: applied 0001_stores") })
        let after = try await migrate(["--status"], environment)
        for database in databases {
            let lines = after.lines(of: database)
            #expect(lines.count == before.lines(of: database).count)
            #expect(lines.allSatisfy { $0.contains("  applied  20") }, "\(lines)")
        }

        // A database in use that lacks a step of contraction keeps waiting for it until it is told.
        _ = try await servers[0].ask("DELETE FROM schema_migrations WHERE number = 9 RETURNING name")
        let again = try await migrate([], environment)
        #expect(again.lines.contains("shard-0: nothing to do"))
        #expect(again.lines.contains { $0.hasPrefix("shard-0: 0009_row_security waits for --contract") })

        servers[1].stop()
        let partial = try await migrate(["--status"], environment)
        #expect(partial.code == 70)
        #expect(partial.lines.contains { $0.hasPrefix("shard-1  no answer: shard-1 has no primary") })
        #expect(partial.lines(of: "central").allSatisfy { $0.contains("  applied  ") })
    }

    private func migrate(_ arguments: [String], _ variables: [String: String]) async throws -> Run {
        let found = Executables(variables: ProcessInfo.processInfo.environment).find("marketplace")
        let program = try #require(found).string
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let process = Process()
                let output = Pipe()
                process.executableURL = URL(fileURLWithPath: program)
                process.arguments = ["migrate"] + arguments
                process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
                process.standardOutput = output
                process.standardError = FileHandle.nullDevice
                do {
                    try process.run()
                    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                    process.waitUntilExit()
                    let lines = text.split(separator: "\n").map(String.init)
                    continuation.resume(returning: Run(lines: lines, code: process.terminationStatus))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}
