import Testing

@testable import Chaos

@Suite("Files of Postgres and Redis")
struct PostgresFilesTests {
    @Test("a topology's settings win, quotes are doubled, the socket is the only way in")
    func postgres() {
        let text = PostgresConfiguration.text(
            settings: ["max_connections": "7", "search_path": "it's"], socketDirectory: "/x",
            upstream: (HostPort(host: "127.0.0.1", port: 9), "a-b"))
        let lines = Set(text.split(separator: "\n").map(String.init))
        #expect(lines.contains("max_connections = '7'"))
        #expect(lines.contains("search_path = 'it''s'"))
        #expect(lines.contains("listen_addresses = ''"))
        #expect(lines.contains("primary_slot_name = 'a_b'"))
        #expect(text.contains("host=127.0.0.1 port=9"))
        #expect(!PostgresConfiguration.text(settings: [:], socketDirectory: "/x", upstream: nil).contains("primary_"))
    }

    @Test("the shared memory segment is read from postmaster.pid")
    func leftovers() {
        let text = "123\n/data\n1700000000\n5432\n/socket\n\n   654321    98\nready   \n"
        #expect(PostgresLeftovers.segment(in: text) == 98)
        #expect(PostgresLeftovers.segment(in: "123\n") == nil)
    }

    @Test("Redis listens on its socket only")
    func redis() {
        let text = RedisConfiguration.text(settings: ["save": ""], directory: "/d", socket: "/d/s")
        let lines = Set(text.split(separator: "\n").map(String.init))
        #expect(lines.isSuperset(of: ["port 0", "unixsocket /d/s", "save \"\"", "dir /d"]))
    }

    @Test("the tail of a log is quoted, and a missing log is said to be missing")
    func log() {
        #expect(LogFile("/no/log").tail().contains("there is no log at /no/log"))
    }
}
