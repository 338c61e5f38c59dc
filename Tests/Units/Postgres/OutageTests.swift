import Postgres
import Testing

@Suite("Postgres: a real server breaks", .serialized, .timeLimit(.minutes(3)))
struct OutageTests {
    @Test("killed in mid-query: what was sent is unknown, what comes meanwhile is not sent, and it comes back")
    func killed() async throws {
        let server = try await PostgresTestServer.start()
        defer { server.stop() }
        try await withNode(server.endpoint()) { node in
            _ = try await node.query("CREATE TABLE t (id bigint)", deadline: within(.seconds(20)))
            async let unit = failure {
                try await node.unit(
                    ["INSERT INTO t VALUES (\(1))", "SELECT pg_sleep(60)"], deadline: within(.seconds(60)))
            }
            async let inside = failure {
                try await node.transaction(deadline: within(.seconds(60))) { transaction in
                    _ = try await transaction.query("INSERT INTO t VALUES (\(2))")
                    _ = try await transaction.query("SELECT pg_sleep(60)")
                }
            }
            try await eventually("both are at work") { try await sleepers(node) == 2 }
            try server.kill()
            #expect(await unit?.outcome == .unknown)
            #expect(await inside?.outcome == .failed, "an open transaction cannot have been committed")
            try await eventually("calls are turned away") {
                let error = await failure { try await node.query("SELECT 1", deadline: within(.seconds(5))) }
                guard case .unavailable = error?.reason else { return false }
                return error?.outcome == .notSent
            }
            try await server.start()
            try await eventually("the pool is whole again") {
                await failure { try await node.query("SELECT 1", deadline: within(.seconds(5))) } == nil
            }
            try await eventually("reads are served again") {
                await failure { try await node.read("SELECT 1", deadline: within(.seconds(5))) } == nil
            }
            let rows = try await node.query("SELECT id FROM t", deadline: within(.seconds(20)))
            #expect(try rows.decode(Int.self) == [])
        }
    }

    @Test("paused: sent writes are unknown and applied on resume, later ones are turned away, nothing hangs")
    func paused() async throws {
        let server = try await PostgresTestServer.start()
        defer { server.stop() }
        var settings = PostgresSettings.patient
        settings.maximumPoolConnections = 2
        settings.minimumPoolConnections = 2
        settings.maximumPoolWait = .milliseconds(250)
        try await withNode(server.endpoint(), settings: settings) { node in
            _ = try await node.query("CREATE TABLE t (id bigint)", deadline: within(.seconds(20)))
            try await eventually("all are connected") { await node.statistics().poolConnections == 2 }
            try server.pause()
            for id in 1...2 {
                let error = await failure {
                    try await node.query("INSERT INTO t VALUES (\(id))", deadline: within(.milliseconds(300)))
                }
                #expect(error?.outcome == .unknown, "\(String(describing: error))")
            }
            let late = await failure {
                try await node.query("INSERT INTO t VALUES (9)", deadline: within(.seconds(30)))
            }
            guard case .poolExhausted = late?.reason, late?.outcome == .notSent else {
                Issue.record("\(String(describing: late))")
                return
            }
            let read = await failure { try await node.read("SELECT 1", deadline: within(.milliseconds(300))) }
            #expect(read != nil)
            let ping = await failure { try await node.ping(deadline: within(.milliseconds(250))) }
            #expect(ping != nil)
            try server.resume()
            try await eventually("writes sent before are applied, and the pool works") {
                let rows = try? await node.query("SELECT id FROM t ORDER BY id", deadline: within(.seconds(2)))
                return try rows?.decode(Int.self) == [1, 2]
            }
            try await eventually("reads work") {
                await failure { try await node.read("SELECT 1", deadline: within(.seconds(2))) } == nil
            }
        }
    }

    @Test("connections terminated by an operator: a statement at work has failed, the pool is whole again")
    func terminated() async throws {
        let server = try await PostgresTestServer.start()
        defer { server.stop() }
        try await withNode(server.endpoint("node", application: "victim")) { node in
            try await withNode(server.endpoint("operator", application: "operator")) { other in
                _ = try await node.query("CREATE TABLE t (id bigint)", deadline: within(.seconds(20)))
                async let unit = failure {
                    try await node.unit(
                        ["INSERT INTO t VALUES (\(1))", "SELECT pg_sleep(60)"], deadline: within(.seconds(60)))
                }
                try await eventually("it is at work") { try await sleepers(other) == 1 }
                _ = try await other.query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'",
                    deadline: within(.seconds(20)))
                #expect(await unit?.outcome == .failed)
                #expect(await unit?.sqlState == .adminShutdown)
                try await eventually("it works again") {
                    await failure { try await node.query("SELECT 1", deadline: within(.seconds(2))) } == nil
                }
            }
        }
    }

    @Test("a commit that its replicas did not confirm is unknown")
    func unconfirmedCommit() async throws {
        let server = try await PostgresTestServer.start()
        defer { server.stop() }
        try await withNode(server.endpoint()) { node in
            let deadline = within(.seconds(60))
            _ = try await node.query("CREATE TABLE t (id bigint)", deadline: deadline)
            _ = try await node.query(
                "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (nobody)'", deadline: deadline)
            _ = try await node.query("SELECT pg_reload_conf()", deadline: deadline)
            try await eventually("durable mode is on") {
                let rows = try await node.query("SHOW synchronous_standby_names", deadline: deadline)
                return try rows[0].value(0, as: String.self) != ""
            }
            async let unit = failure { try await node.query("INSERT INTO t VALUES (\(1))", deadline: deadline) }
            async let leased = failure {
                try await node.transaction(deadline: deadline) { try await $0.query("INSERT INTO t VALUES (\(2))") }
            }
            try await eventually("both wait for a replica and are told to stop") {
                _ = try await node.query(
                    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
                    deadline: deadline)
                let rows = try await node.query("SELECT count(*) FROM t", deadline: deadline)
                return try rows[0].value(0, as: Int.self) == 2
            }
            for error in [await unit, await leased] {
                #expect(error?.outcome == .unknown)
                guard case .commitUnconfirmed = error?.reason else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
        }
    }

    @Test("the primary is found among its replicas, and after a promotion on the greatest timeline")
    func primaryFinder() async throws {
        let first = try await PostgresTestServer.start()
        defer { first.stop() }
        let second = try await first.startReplica()
        defer { second.stop() }
        try await withNode(first.endpoint("first")) { one in
            try await withNode(second.endpoint("second")) { two in
                try await eventually("the first is the primary, the second follows it") {
                    let answer = await PrimaryFinder.find(among: [two, one], deadline: within(.seconds(5)))
                    guard case .success(let status) = answer.statuses["second"] else { return false }
                    return answer.primary === one && status.inRecovery && status.timeline == 1
                }
                try first.kill()
                _ = try await two.query("SELECT pg_promote()", deadline: within(.seconds(60)))
                try await first.start()
                try await eventually("both take writes, and the newer timeline wins") {
                    let answer = await PrimaryFinder.find(among: [one, two], deadline: within(.seconds(5)))
                    guard case .success(let old) = answer.statuses["first"],
                        case .success(let new) = answer.statuses["second"]
                    else { return false }
                    return answer.primary === two && !old.inRecovery && old.timeline == 1 && new.timeline == 2
                        && new.walPosition > WALPosition(bytes: 0)
                }
            }
        }
    }

    @Test("a silent node does not keep the primary from being found")
    func silentNode() async throws {
        let server = try await PostgresTestServer.start()
        defer { server.stop() }
        let silent = try FakePostgresServer(.silent(after: 0))
        defer { silent.stop() }
        try await withNode(silent.endpoint) { mute in
            try await withNode(server.endpoint()) { node in
                try await eventually("it is connected") {
                    await failure { try await node.ping(deadline: within(.seconds(5))) } == nil
                }
                let answer = await PrimaryFinder.find(among: [mute, node], deadline: within(.milliseconds(500)))
                #expect(answer.primary === node)
                guard case .failure = answer.statuses["fake"] else {
                    Issue.record("a silent node answered")
                    return
                }
            }
        }
    }

    private func sleepers(_ node: PostgresNode) async throws -> Int {
        let rows = try await node.read(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'", deadline: within(.seconds(10)))
        return try rows[0].value(0, as: Int.self)
    }
}
