import Postgres
import Testing

@Suite("Postgres: queries against a real server", .serialized)
struct QueryingTests {
    static let server = SharedServer()

    @Test("a point read, a query and a unit return their rows", arguments: PollerKind.allCases)
    func basics(poller: PollerKind) async throws {
        try await withNode(try await Self.server.endpoint(), poller: poller) { node in
            let id: Int64 = 41
            let name = "O'Reilly; DROP TABLE x"
            let row = try await node.read("SELECT \(id) + 1, \(name)::text", deadline: within(.seconds(10)))[0]
            let (number, text) = try row.decode(Int64.self, String.self)
            #expect(number == 42)
            #expect(text == name)

            let rows = try await node.query("SELECT n FROM generate_series(1, \(3)) n", deadline: within(.seconds(10)))
            #expect(try rows.decode(Int.self) == [1, 2, 3])

            let unit = try await node.unit(
                ["SELECT set_config('app.tenant', \("seven"), true)", "SELECT current_setting('app.tenant')"],
                deadline: within(.seconds(10)))
            #expect(unit.count == 2)
            #expect(try unit[1][0].value(0, as: String.self) == "seven")
        }
    }

    @Test("every type comes back as it went")
    func values() async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let deadline = within(.seconds(10))
            let numbers: [Int64?] = [1, nil, -3]
            let none: Int64? = nil
            let bytes: [UInt8] = [0, 255, 7]
            let row = try await node.query(
                """
                SELECT \(Int64.min), \(Int32(-5)), \(1.5), \(true), \(bytes), \(none), \(numbers),
                    \(["a", "b\"c"]), \(PostgresJSON("{\"k\": 1}")), \([Int64]()), \([UInt8]()), \("")::text
                """, deadline: deadline)[0]
            #expect(try row.value(0, as: Int64.self) == Int64.min)
            #expect(try row.value(1, as: Int32.self) == -5)
            #expect(try row.value(2, as: Double.self) == 1.5)
            #expect(try row.value(3, as: Bool.self))
            #expect(try row.value(4, as: [UInt8].self) == bytes)
            #expect(try row.value(5, as: Int64?.self) == nil)
            #expect(try row.value(6, as: [Int64?].self) == numbers)
            #expect(try row.value(7, as: [String].self) == ["a", "b\"c"])
            #expect(try row.value(8, as: PostgresJSON.self).text == "{\"k\": 1}")
            #expect(try row.value(9, as: [Int64].self).isEmpty)
            #expect(try row.value(10, as: [UInt8].self).isEmpty)
            #expect(try row.value(11, as: String.self).isEmpty)
        }
    }

    @Test(
        "numerics, UUIDs, moments and positions are read",
        arguments: [
            "0", "1", "-1", "10000", "123456789012345678", "0.5", "-0.0001", "10000.00010000", "100000000.5", "0.00",
        ])
    func numerics(text: String) async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let row = try await node.query(
                """
                SELECT \(text)::numeric, \("6f2d9c1e-0000-4000-8000-00000000beef")::uuid,
                    \("2024-02-29T23:59:59.123456Z")::timestamptz, \("16/B374D848")::pg_lsn,
                    \("0001-01-01T00:00:00Z")::timestamptz
                """, deadline: within(.seconds(10)))[0]
            #expect(try row.value(0, as: String.self) == text)
            #expect(try row.value(1, as: String.self) == "6f2d9c1e-0000-4000-8000-00000000beef")
            #expect(try row.value(2, as: PostgresTimestamp.self).description == "2024-02-29T23:59:59.123456Z")
            #expect(try row.value(3, as: WALPosition.self).description == "16/B374D848")
            #expect(try row.value(4, as: PostgresTimestamp.self).description == "0001-01-01T00:00:00.000000Z")
        }
    }

    @Test("a column of another type is refused by name")
    func mismatch() async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let row = try await node.read(
                "SELECT 'x'::text AS label, NULL::int AS gap", deadline: within(.seconds(10)))[0]
            #expect(throws: PostgresDecodingError.self) { try row.value("label", as: Int.self) }
            let error = #expect(throws: PostgresDecodingError.self) { try row.value("gap", as: Int.self) }
            #expect(error?.column == "gap")
            #expect(throws: PostgresDecodingError.self) { try row.value("absent", as: Int.self) }
        }
    }

    @Test("the server's error carries its SQLSTATE and constraint, and nothing of a failed unit stays")
    func serverError() async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let deadline = within(.seconds(10))
            _ = try await node.query(
                "CREATE TABLE IF NOT EXISTS once (id bigint CONSTRAINT once_key PRIMARY KEY)", deadline: deadline)
            _ = try await node.query("TRUNCATE once", deadline: deadline)
            let error = await failure {
                try await node.unit(
                    ["INSERT INTO once VALUES (\(1))", "INSERT INTO once VALUES (\(1))"], deadline: deadline)
            }
            #expect(error?.outcome == .failed)
            #expect(error?.sqlState == .uniqueViolation)
            #expect(error?.serverError?.constraint == "once_key")
            let rows = try await node.query("SELECT count(*) FROM once", deadline: deadline)
            #expect(try rows[0].value(0, as: Int.self) == 0)
        }
    }

    @Test("a deferred constraint that fails at the commit fails the unit, and the connection goes on")
    func deferredConstraint() async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let deadline = within(.seconds(10))
            _ = try await node.query("DROP TABLE IF EXISTS late", deadline: deadline)
            _ = try await node.query(
                "CREATE TABLE late (id bigint CONSTRAINT late_key UNIQUE DEFERRABLE INITIALLY DEFERRED)",
                deadline: deadline)
            let error = await failure {
                try await node.unit(
                    ["INSERT INTO late VALUES (\(1))", "INSERT INTO late VALUES (\(1))"], deadline: deadline)
            }
            #expect(error?.outcome == .failed)
            #expect(error?.sqlState == .uniqueViolation)
            for _ in 0..<20 {
                let rows = try await node.query("SELECT count(*) FROM late", deadline: deadline)
                #expect(try rows[0].value(0, as: Int.self) == 0)
            }
        }
    }

    @Test("text with a NUL is refused before it is cut")
    func nul() async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let error = await failure { try await node.query("SELECT \("a\0b")::text", deadline: within(.seconds(10))) }
            #expect(error?.outcome == .notSent)
            guard case .invalidQuery = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("a role without privileges can be pinged for the server's position")
    func pingUnprivileged() async throws {
        var endpoint = try await Self.server.endpoint()
        try await withNode(endpoint) { node in
            _ = try await node.query("CREATE ROLE visitor LOGIN", deadline: within(.seconds(10)))
        }
        endpoint.user = "visitor"
        try await withNode(endpoint) { node in
            let status = try await node.ping(deadline: within(.seconds(10)))
            #expect(!status.inRecovery)
            #expect(status.timeline == 1)
            #expect(status.walPosition > WALPosition(bytes: 0))
            let rows = try await node.query(
                "SELECT timeline_id FROM pg_control_checkpoint()", deadline: within(.seconds(10)))
            #expect(rows.count == 1, "what a replica is asked must be open to it too")
        }
    }

    @Test("point reads cannot write")
    func readOnly() async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let error = await failure {
                try await node.read("CREATE TABLE never (id int)", deadline: within(.seconds(10)))
            }
            #expect(error?.sqlState == .readOnlyTransaction)
        }
    }
}
