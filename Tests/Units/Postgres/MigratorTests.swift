import Foundation
import Postgres
import Testing

@Suite("Postgres: migrations", .serialized, .timeLimit(.minutes(2)))
struct MigratorTests {
    static let server = SharedServer()

    private let first = Migration(
        number: 1, name: "0001_first", sql: "CREATE TABLE one (id bigint); CREATE TABLE two (id bigint);")
    private let second = Migration(number: 2, name: "0002_second", sql: "INSERT INTO one VALUES (7);")

    /// A database of its own for each test.
    private func withDatabase(_ name: String, _ body: (PostgresNode) async throws -> Void) async throws {
        var endpoint = try await Self.server.endpoint()
        try await withNode(endpoint) { node in
            _ = try await node.query("CREATE DATABASE \(identifier: name)", deadline: within(.seconds(60)))
        }
        endpoint.database = name
        try await withNode(endpoint, body)
    }

    @Test("each file is applied once, in order, also by two migrators at once")
    func once() async throws {
        try await withDatabase("once") { node in
            let migrator = try Migrator([second, first])
            let deadline = within(.seconds(60))
            async let one = migrator.migrate(node, deadline: deadline)
            async let two = migrator.migrate(node, deadline: deadline)
            let applied = try await one + two
            #expect(applied.map(\.number).sorted() == [1, 2])
            #expect(try await migrator.migrate(node, deadline: deadline) == [])
            let rows = try await node.query("SELECT count(*) FROM one", deadline: deadline)
            #expect(try rows[0].value(0, as: Int.self) == 1)
        }
    }

    @Test("status lists what is applied, pending, changed and missing; changed and missing are refused by name")
    func refused() async throws {
        try await withDatabase("refused") { node in
            let deadline = within(.seconds(60))
            #expect(try await Migrator([first]).status(of: node, deadline: deadline).map(\.state) == [.pending])
            _ = try await Migrator([first, second]).migrate(node, deadline: deadline)
            let third = Migration(number: 3, name: "0003_third", sql: "SELECT 1")
            let states = try await Migrator([first, second, third]).status(of: node, deadline: deadline)
            #expect(states.map(\.state) == [.applied, .applied, .pending])
            #expect(states[0].appliedAt != nil)

            var changed = second
            changed.sql += " -- more"
            let altered = await #expect(throws: MigrationError.self) {
                try await Migrator([first, changed, third]).migrate(node, deadline: deadline)
            }
            guard case .changed("0002_second") = altered else {
                Issue.record("\(String(describing: altered))")
                return
            }
            let gone = await #expect(throws: MigrationError.self) {
                try await Migrator([first]).migrate(node, deadline: deadline)
            }
            guard case .missing("0002_second") = gone else {
                Issue.record("\(String(describing: gone))")
                return
            }
            let missing = try await Migrator([first]).status(of: node, deadline: deadline)
            #expect(missing.map(\.state) == [.applied, .missing])
        }
    }

    @Test("a migration that fails leaves nothing of itself and keeps what came before")
    func failing() async throws {
        try await withDatabase("failing") { node in
            let deadline = within(.seconds(60))
            let bad = Migration(number: 2, name: "0002_bad", sql: "CREATE TABLE half (id bigint); SELECT 1 / 0;")
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator([first, bad]).migrate(node, deadline: deadline)
            }
            guard case .failed("0002_bad", let cause) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(cause.sqlState == "22012")
            let rows = try await node.query(
                "SELECT to_regclass('half') IS NULL, to_regclass('one') IS NOT NULL", deadline: deadline)
            #expect(try rows[0].decode(Bool.self, Bool.self) == (true, true))
            _ = try await Migrator([first, second]).migrate(node, deadline: deadline)
        }
    }

    @Test("what takes away waits for a word of its own, unless the database is fresh")
    func contracting() async throws {
        let third = Migration(number: 9, name: "0009_third", sql: "-- phase: contract\nDROP TABLE two;")
        let fourth = Migration(number: 12, name: "0012_fourth", sql: "CREATE TABLE four (id bigint);")
        try await withDatabase("contracting") { node in
            let deadline = within(.seconds(60))
            _ = try await Migrator([first, second]).migrate(node, contracting: .whenFresh, deadline: deadline)
            let migrator = try Migrator([first, second, third, fourth])
            let expanded = try await migrator.migrate(node, contracting: .whenFresh, deadline: deadline)
            #expect(expanded.map(\.number) == [12])
            let status = try await migrator.status(of: node, deadline: deadline)
            #expect(status.map(\.state) == [.applied, .applied, .pending, .applied])
            #expect(status[2].phase == .contract)
            #expect(try await migrator.migrate(node, deadline: deadline).map(\.number) == [9])
        }
        try await withDatabase("fresh") { node in
            let migrator = try Migrator([first, second, third, fourth])
            let applied = try await migrator.migrate(node, contracting: .whenFresh, deadline: within(.seconds(60)))
            #expect(applied.map(\.number) == [1, 2, 9, 12])
        }
    }

    @Test("files are read from a directory; a number that stands twice, a bad name and a missing directory are named")
    func files() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("migrations-\(getpid())")
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        func write(_ name: String) throws {
            try "SELECT 1".write(to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        try write("0001_a.sql")
        try write("notes.txt")
        try write("0002_b.sql")
        #expect(try Migrator(directory: directory.path).migrations.map(\.name) == ["0001_a", "0002_b"])
        try write("0004_d.sql")
        #expect(try Migrator(directory: directory.path).migrations.map(\.number) == [1, 2, 4])
        try write("0004_e.sql")
        #expect(throws: MigrationError.self) { try Migrator(directory: directory.path) }
        try write("third.sql")
        #expect(throws: MigrationError.self) { try Migrator(directory: directory.path) }
        #expect(throws: MigrationError.self) { try Migrator(directory: directory.path + "/none") }
    }
}
