import Postgres
import Testing

@Suite("Postgres: the pool, deadlines and transactions", .serialized, .timeLimit(.minutes(3)))
struct PoolTests {
    static let server = SharedServer()

    @Test("callers beyond the limits are turned away unsent, the rest are served in turn")
    func limits() async throws {
        var settings = PostgresSettings.patient
        settings.maximumPoolConnections = 1
        settings.minimumPoolConnections = 1
        settings.maximumPoolWaiters = 2
        settings.maximumPoolWait = .seconds(60)
        try await withNode(try await Self.server.endpoint(), settings: settings) { node in
            try await node.transaction(deadline: within(.seconds(60))) { transaction in
                _ = try await transaction.query("SELECT 1")
                async let first = failure { try await node.query("SELECT 1", deadline: within(.milliseconds(400))) }
                try await eventually("one waits") { await node.statistics().poolWaiters == 1 }
                let second = Task { await failure { try await node.query("SELECT 2", deadline: within(.seconds(60))) } }
                try await eventually("two wait") { await node.statistics().poolWaiters == 2 }
                let third = await failure { try await node.query("SELECT 3", deadline: within(.seconds(60))) }
                #expect(third?.outcome == .notSent)
                guard case .poolExhausted = third?.reason else {
                    Issue.record("\(String(describing: third))")
                    return
                }
                guard case .deadlineExceeded = await first?.reason else {
                    Issue.record("the first waiter's deadline")
                    return
                }
                second.cancel()
                #expect(await second.value?.outcome == .notSent)
            }
        }
    }

    @Test("the pool's patience ends a wait before the deadline")
    func patience() async throws {
        var settings = PostgresSettings.patient
        settings.maximumPoolConnections = 1
        settings.maximumPoolWait = .milliseconds(50)
        try await withNode(try await Self.server.endpoint(), settings: settings) { node in
            try await node.transaction(deadline: within(.seconds(60))) { transaction in
                _ = try await transaction.query("SELECT 1")
                let error = await failure { try await node.query("SELECT 1", deadline: within(.seconds(60))) }
                #expect(error?.outcome == .notSent)
                guard case .poolExhausted = error?.reason else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
            _ = try await node.query("SELECT 1", deadline: within(.seconds(60)))
        }
    }

    @Test("a unit's tenant ends with the unit, whoever comes next on its connection")
    func tenants() async throws {
        var settings = PostgresSettings.patient
        settings.maximumPoolConnections = 1
        settings.maximumPoolWait = .seconds(60)
        try await withNode(try await Self.server.endpoint(), settings: settings) { node in
            let deadline = within(.seconds(60))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let tenant = "tenant-\(number)"
                        let rows = try await node.unit(
                            [
                                "SELECT set_config('app.tenant', \(tenant), true)",
                                "SELECT current_setting('app.tenant')",
                            ],
                            deadline: deadline)
                        #expect(try rows[1][0].value(0, as: String.self) == tenant)
                    }
                    group.addTask {
                        let rows = try await node.query(
                            "SELECT current_setting('app.tenant', true)", deadline: deadline)
                        #expect(try rows[0].value(0, as: String?.self) ?? "" == "")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("a transaction commits what its body did, or nothing of it")
    func transactions() async throws {
        struct Refusal: Error {}
        try await withNode(try await Self.server.endpoint()) { node in
            let deadline = within(.seconds(60))
            _ = try await node.query("DROP TABLE IF EXISTS ledger", deadline: deadline)
            _ = try await node.query("CREATE TABLE ledger (id bigint PRIMARY KEY)", deadline: deadline)
            let sum = try await node.transaction(deadline: deadline) { transaction in
                _ = try await transaction.query("INSERT INTO ledger VALUES (\(1))")
                _ = try await transaction.query("INSERT INTO ledger VALUES (\(2))")
                return try await transaction.query("SELECT sum(id) FROM ledger")[0].value(0, as: Int.self)
            }
            #expect(sum == 3)
            await #expect(throws: Refusal.self) {
                try await node.transaction(deadline: deadline) { transaction in
                    _ = try await transaction.query("INSERT INTO ledger VALUES (\(3))")
                    throw Refusal()
                }
            }
            let swallowed = await failure {
                try await node.transaction(deadline: deadline) { transaction in
                    _ = try await transaction.query("INSERT INTO ledger VALUES (\(4))")
                    _ = try? await transaction.query("INSERT INTO ledger VALUES (\(4))")
                }
            }
            #expect(swallowed?.outcome == .failed, "COMMIT of a failed transaction answers ROLLBACK")
            #expect(swallowed?.sqlState == .inFailedTransaction)
            try await node.transaction(deadline: deadline) { _ in }
            let rows = try await node.query("SELECT id FROM ledger ORDER BY id", deadline: deadline)
            #expect(try rows.decode(Int.self) == [1, 2])
        }
    }

    @Test("the server ends a statement about when its caller's deadline passes")
    func statementTimeout() async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let error = await failure { try await node.query("SELECT pg_sleep(600)", deadline: within(.seconds(1))) }
            // On a machine too busy to answer in time the deadline itself ends the wait.
            #expect(error?.sqlState == .queryCanceled || error?.outcome == .unknown, "\(String(describing: error))")
            try await nothingSleeps(node)
            _ = try await node.query("SELECT pg_sleep(0.2)", deadline: within(.seconds(60)))
        }
    }

    @Test("a leased transaction that is late or cancelled is stopped on the server and leaves nothing")
    func leasedCancel() async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let deadline = within(.seconds(60))
            _ = try await node.query("DROP TABLE IF EXISTS slow", deadline: deadline)
            _ = try await node.query("CREATE TABLE slow (id bigint)", deadline: deadline)
            let task = Task {
                await failure {
                    try await node.transaction(deadline: deadline) { transaction in
                        _ = try await transaction.query("INSERT INTO slow VALUES (1)")
                        _ = try await transaction.query("SELECT pg_sleep(600)")
                    }
                }
            }
            try await eventually("it is at work") { try await sleepers(node) == 1 }
            task.cancel()
            let error = await task.value
            #expect(error?.outcome == .failed)
            guard case .cancelled = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            try await nothingSleeps(node)
            let rows = try await node.query("SELECT count(*) FROM slow", deadline: deadline)
            #expect(try rows[0].value(0, as: Int.self) == 0)
        }
    }

    @Test("a cancelled caller stops waiting, and its unit's effect is unknown")
    func cancelledUnit() async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let task = Task {
                await failure { try await node.query("SELECT pg_sleep(2)", deadline: within(.seconds(60))) }
            }
            try await eventually("it is at work") { try await sleepers(node) == 1 }
            task.cancel()
            let error = await task.value
            #expect(error?.outcome == .unknown)
            let early = Task { () -> PostgresError? in
                await Task.yield()
                return await failure { try await node.query("SELECT 1", deadline: within(.seconds(60))) }
            }
            early.cancel()
            #expect(await early.value?.outcome != .failed)
        }
    }

    @Test("prepared statements are bounded: the one used longest ago makes room, on the server too")
    func statementLimit() async throws {
        var settings = PostgresSettings.patient
        settings.maximumPoolConnections = 1
        settings.maximumPreparedStatements = 5
        try await withNode(try await Self.server.endpoint(), settings: settings) { node in
            let deadline = within(.seconds(60))
            for round in 0..<3 {
                for column in 0..<12 {
                    let query: Query = "SELECT \(round) AS \(identifier: "c\(column)")"
                    #expect(try await node.query(query, deadline: deadline)[0].value(0, as: Int.self) == round)
                }
            }
            let rows = try await node.query("SELECT count(*) FROM pg_prepared_statements", deadline: deadline)
            #expect(try rows[0].value(0, as: Int.self) <= 6)
        }
    }

    @Test("a changed table does not break its prepared statements")
    func changedTable() async throws {
        try await withNode(try await Self.server.endpoint()) { node in
            let deadline = within(.seconds(60))
            _ = try await node.query("DROP TABLE IF EXISTS shape", deadline: deadline)
            _ = try await node.query("CREATE TABLE shape (a bigint)", deadline: deadline)
            _ = try await node.query("INSERT INTO shape VALUES (1)", deadline: deadline)
            for _ in 0..<4 {
                _ = try await node.read("SELECT * FROM shape", deadline: deadline)
                _ = try await node.query("SELECT * FROM shape", deadline: deadline)
            }
            _ = try await node.query("ALTER TABLE shape ADD b text DEFAULT 'x'", deadline: deadline)
            for _ in 0..<4 {
                #expect(try await node.read("SELECT * FROM shape", deadline: deadline)[0].count == 2)
                #expect(try await node.query("SELECT * FROM shape", deadline: deadline)[0].count == 2)
            }
        }
    }

    private func sleepers(_ node: PostgresNode) async throws -> Int {
        let rows = try await node.read(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'", deadline: within(.seconds(10)))
        return try rows[0].value(0, as: Int.self)
    }

    private func nothingSleeps(_ node: PostgresNode) async throws {
        try await eventually("the server has stopped it") { try await sleepers(node) == 0 }
    }
}
