import Postgres
import Testing

@Suite("Postgres: COPY", .serialized, .timeLimit(.minutes(2)))
struct CopyTests {
    static let server = SharedServer()

    @Test("rows with every awkward character arrive as they are")
    func streams() async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let deadline = within(.seconds(60))
            _ = try await node.query("DROP TABLE IF EXISTS goods", deadline: deadline)
            _ = try await node.query(
                "CREATE TABLE goods (id bigint, \"odd.name\" text, ok boolean)", deadline: deadline)
            let awkward = "tab\there, line\nthere, back\\slash, \r, \\N, \\. and \u{1F6A2}"
            let rows = (0..<20_000).lazy.map { number in
                var row = CopyRow()
                row.append(number)
                row.append(number % 3 == 0 ? nil : awkward)
                row.append(number % 2 == 0)
                return row
            }
            let count = try await node.copyIn(
                "public.goods", columns: ["id", "odd.name", "ok"], rows: rows, deadline: deadline)
            #expect(count == 20_000)
            let check = try await node.query(
                "SELECT count(*), count(\"odd.name\"), bool_and(\"odd.name\" = \(awkward)) FROM goods",
                deadline: deadline)[0]
            let (all, named, same) = try check.decode(Int.self, Int.self, Bool.self)
            #expect(all == 20_000)
            #expect(named == 13_333)
            #expect(same)
        }
    }

    @Test("a source that fails, or a row that does not fit, leaves nothing, and the connection goes on")
    func gaveUp() async throws {
        struct Dry: Error {}
        var settings = PostgresSettings.patient
        settings.maximumPoolConnections = 1
        try await withNode(try await Self.server.endpoint(), settings: settings) { node in
            let deadline = within(.seconds(60))
            _ = try await node.query("DROP TABLE IF EXISTS bin", deadline: deadline)
            _ = try await node.query("CREATE TABLE bin (id bigint)", deadline: deadline)
            let failing = AsyncThrowingStream<CopyRow, any Error> { stream in
                for number in 0..<1000 { stream.yield(CopyRow(["\(number)"])) }
                stream.finish(throwing: Dry())
            }
            await #expect(throws: Dry.self) {
                _ = try await node.copyIn("bin", columns: ["id"], rows: failing, deadline: deadline)
            }
            // Whether the refusal comes before or after the end of the rows is a matter of luck: so many times.
            for _ in 0..<100 {
                let error = await failure {
                    try await node.copyIn(
                        "bin", columns: ["id"], rows: [CopyRow(["1"]), CopyRow(["x"])], deadline: deadline)
                }
                #expect(error?.outcome == .failed)
                #expect(error?.sqlState == "22P02")
            }
            let missing = await failure {
                try await node.copyIn("nowhere", columns: ["id"], rows: [CopyRow(["1"])], deadline: deadline)
            }
            #expect(missing?.sqlState == .undefinedTable)
            let rows = try await node.query("SELECT count(*) FROM bin", deadline: deadline)
            #expect(try rows[0].value(0, as: Int.self) == 0)
        }
    }
}
