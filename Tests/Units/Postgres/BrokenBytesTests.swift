import Postgres
import Testing

@Suite("Postgres: broken bytes", .timeLimit(.minutes(2)))
struct BrokenBytesTests {
    /// What a caller may see of a broken connection: its own answer, or an error that says that it is not known.
    private func ask(_ node: PostgresNode, _ word: String, for time: Duration = .seconds(10)) async -> Bool? {
        do {
            let rows = try await node.read("SELECT \(word)::text", deadline: within(time))
            return try rows[0].value(0, as: String.self) == word
        } catch {
            return nil
        }
    }

    @Test("replies sliced byte by byte arrive whole", arguments: PollerKind.allCases)
    func sliced(poller: PollerKind) async throws {
        let server = try FakePostgresServer(.sliced)
        defer { server.stop() }
        try await withNode(server.endpoint, poller: poller) { node in
            try await withThrowingTaskGroup(of: Bool?.self) { group in
                for index in 0..<200 { group.addTask { await ask(node, "word \(index)") } }
                for try await answer in group { #expect(answer == true) }
            }
            let unit = try await node.unit(["SELECT \("a")", "SELECT \("b")"], deadline: within(.seconds(10)))
            #expect(try unit.map { try $0[0].value(0, as: String.self) } == ["a", "b"])
        }
    }

    @Test("a host may be an address or a name", arguments: ["127.0.0.1", "localhost"])
    func names(host: String) async throws {
        let server = try FakePostgresServer(.whole)
        defer { server.stop() }
        try await withNode(server.endpoint(host: host)) { node in #expect(await ask(node, "there") == true) }
    }

    @Test("a name without an address is refused with what to check")
    func unknownName() async throws {
        let endpoint = PostgresEndpoint(name: "lost", host: "no-such-host.invalid", user: "test", database: "test")
        try await withNode(endpoint) { node in
            let error = await failure { try await node.read("SELECT 1", deadline: within(.seconds(60))) }
            #expect(error?.outcome == .notSent)
            #expect(error?.description.contains("no-such-host.invalid") == true)
        }
    }

    /// Two reads and their Sync are answered with about 150 bytes: every place to break off is tried.
    @Test("a reply truncated or reset anywhere is an error or the right answer, and the next connection works")
    func truncatedAnywhere() async throws {
        for offset in stride(from: 0, through: 150, by: 3) {
            for delivery in [FakePostgresServer.Delivery.truncated(after: offset), .reset(after: offset)] {
                let server = try FakePostgresServer(delivery)
                defer { server.stop() }
                var settings = PostgresSettings.patient
                settings.readConnections = 1
                try await withNode(server.endpoint, settings: settings) { node in
                    async let first = ask(node, "first")
                    async let second = ask(node, "second")
                    let answers = await [first, second]
                    #expect(!answers.contains(false), "another's answer after \(offset) bytes")
                    server.deliver(.whole)
                    try await eventually("reads work again") { await ask(node, "again") == true }
                }
            }
        }
    }

    @Test("a unit whose reply is cut short is unknown, or known to have succeeded")
    func truncatedUnit() async throws {
        for offset in stride(from: 0, through: 100, by: 5) {
            let server = try FakePostgresServer(.truncated(after: offset))
            defer { server.stop() }
            try await withNode(server.endpoint) { node in
                let error = await failure { try await node.query("SELECT \("x")", deadline: within(.seconds(10))) }
                if let error { #expect(error.outcome == .unknown, "after \(offset) bytes: \(error)") }
            }
        }
    }

    @Test("a flipped byte never hangs a caller, and the connection after it works")
    func corrupted() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for offset in 0..<120 { group.addTask { try await self.corrupt(at: offset) } }
            try await group.waitForAll()
        }
    }

    private func corrupt(at offset: Int) async throws {
        let server = try FakePostgresServer(.corrupted(at: offset))
        defer { server.stop() }
        var settings = PostgresSettings.patient
        settings.readConnections = 1
        settings.abandonedReplyLimit = .milliseconds(500)
        try await withNode(server.endpoint, settings: settings) { node in
            async let first = ask(node, "first", for: .milliseconds(500))
            async let second = ask(node, "second", for: .milliseconds(500))
            // A flipped bit inside a value cannot be seen; a call that waits for ever would be.
            _ = await (first, second)
            server.deliver(.whole)
            // It may have survived, with a flip that nothing can see; then its last reply is of no use to wait for.
            try await eventually("reads work again after a flip at \(offset)", within: .seconds(30)) {
                await ask(node, "again", for: .seconds(1)) == true
            }
        }
    }

    @Test("silence ends at the deadline, and the connection takes no new work")
    func silent() async throws {
        let server = try FakePostgresServer(.silent(after: 0))
        defer { server.stop() }
        var settings = PostgresSettings.patient
        settings.readConnections = 1
        settings.stallLimit = .milliseconds(150)
        try await withNode(server.endpoint, settings: settings) { node in
            try await eventually("it is connected") { await node.statistics().readConnections == 1 }
            let first = await failure { try await node.read("SELECT \("x")", deadline: within(.milliseconds(300))) }
            #expect(first?.outcome == .unknown)
            guard case .deadlineExceeded = first?.reason else {
                Issue.record("\(String(describing: first))")
                return
            }
            let second = await failure { try await node.read("SELECT \("x")", deadline: within(.seconds(30))) }
            #expect(second?.outcome == .notSent)
            guard case .unresponsive = second?.reason else {
                Issue.record("\(String(describing: second))")
                return
            }
        }
    }

    @Test("a server that accepts and says nothing does not hold a connect for ever")
    func silentGreeting() async throws {
        let server = try FakePostgresServer(.whole)
        server.stop()
        try await withNode(server.endpoint) { node in
            let error = await failure { try await node.read("SELECT 1", deadline: within(.seconds(10))) }
            #expect(error?.outcome == .notSent)
            guard case .unavailable = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
