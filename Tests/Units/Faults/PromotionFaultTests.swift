import Foundation
import SystemPackage
import Testing

@testable import Chaos

extension FleetsOfRealServers {
    @Suite("Promotion and replay on real servers")
    struct PromotionTests {
        static let trio = Topology(
            name: "trio",
            nodes: [
                .init(name: "db-primary", kind: .postgres),
                .init(name: "db-replica-0", kind: .postgres, replicaOf: "db-primary"),
                .init(name: "db-replica-1", kind: .postgres, replicaOf: "db-primary"),
            ])

        private func roles(_ fleet: Fleet) async throws -> [String?] { try await fleet.status().nodes.map(\.role) }

        @Test(
            "a promotion is verified, keeps what was committed, and heals to a whole group",
            arguments: TestFleets.runtimes)
        func promotes(runtime: RuntimeKind) async throws {
            var topology = Self.trio
            topology.durable = true
            try await TestFleets.with(topology, options: TestFleets.options(runtime)) { fleet in
                let primary = try await fleet.site.postgres("db-primary")
                _ = try await primary.query("CREATE TABLE kept AS SELECT 7 AS n")
                let active = try await fleet.inject(.promote(), on: fleet.target("db"))
                #expect(active.isVerified, "\(active.observations)")
                let evidence = active.observations.last?.evidence ?? ""
                #expect(evidence.contains("leads timeline 2"), "\(evidence)")
                #expect(evidence.contains("leaves 0 commits of db-primary behind"), "\(evidence)")
                #expect(try await fleet.runtime.state(of: "db-primary") == .exited)
                try await active.heal()
                #expect(active.afterHeal?.inForce == false, "\(active.afterHeal?.evidence ?? "")")
                try await eventually("one leads, two follow") {
                    try await roles(fleet).compactMap(\.self).sorted() == ["primary", "replica", "replica"]
                }
                try await eventually("the old primary has replayed all of it") {
                    let old = try await fleet.site.postgres("db-primary")
                    return try await old.query("SELECT n, pg_is_in_recovery() FROM kept") == [["7", "t"]]
                }
            }
        }

        @Test("what a primary alone had is counted as left behind", arguments: TestFleets.runtimes)
        func counts(runtime: RuntimeKind) async throws {
            try await TestFleets.with(Self.trio, options: TestFleets.options(runtime)) { fleet in
                let primary = try await fleet.site.postgres("db-primary")
                let cut = try await fleet.inject(.partition, on: fleet.target("*:db-primary"))
                // Past the proxy, so that no replica hears of it.
                for table in ["one", "two", "three"] { _ = try await primary.query("CREATE TABLE \(table) (n int)") }
                let active = try await fleet.inject(.promote(), on: fleet.target("db"))
                #expect(active.isVerified, "\(active.observations)")
                let evidence = active.observations.last?.evidence ?? ""
                #expect(evidence.contains("leaves 3 commits of db-primary behind"), "\(evidence)")
                try await cut.heal()
                try await active.heal()
                #expect(active.afterHeal?.inForce == false, "\(active.afterHeal?.evidence ?? "")")
            }
        }

        @Test("a controller killed at any step of a promotion leaves a whole group", arguments: [0, 60, 150, 300, 600])
        func controllerDies(milliseconds: Int) async throws {
            try await TestFleets.with(Self.trio) { fleet in
                let controller = try ChaosProgram(
                    ["inject", "promote", "db", "--set", "after=100ms", "--fleet", fleet.name])
                try await eventually("the promotion is announced") {
                    try !fleet.context.ledger.state().faults.isEmpty
                }
                let killAt = ContinuousClock.now + .milliseconds(milliseconds)
                try await eventually("its time has come") { ContinuousClock.now >= killAt }
                controller.killNow()
                try await eventually("healed", within: .seconds(60)) {
                    try fleet.context.ledger.state().faults.isEmpty
                }
                try await eventually("one leads, two follow", within: .seconds(30)) {
                    try await roles(fleet).compactMap(\.self).sorted() == ["primary", "replica", "replica"]
                }
            }
        }

        @Test("an outsider who resumes the replay is noticed", arguments: TestFleets.runtimes)
        func outsider(runtime: RuntimeKind) async throws {
            try await TestFleets.with(options: TestFleets.options(runtime)) { fleet in
                let active = try await fleet.inject(.replayPause, on: fleet.target("db-replica"))
                #expect(active.isVerified, "\(active.observations)")
                _ = try await fleet.site.postgres("db-replica").query("SELECT pg_wal_replay_resume()")
                try await eventually("the next look sees it replay") { !active.isVerified }
                try await active.heal()
                #expect(active.afterHeal?.inForce == false, "\(active.afterHeal?.evidence ?? "")")
            }
        }

        @Test("a replica whose replay a dead controller paused goes on", arguments: TestFleets.runtimes)
        func replayHealed(runtime: RuntimeKind) async throws {
            try await TestFleets.with(options: TestFleets.options(runtime)) { fleet in
                let controller = try ChaosProgram(["inject", "replay-pause", "db-replica", "--fleet", fleet.name])
                try await controller.says(" in force")
                controller.killNow()
                try await eventually("healed") { try fleet.context.ledger.state().faults.isEmpty }
                let sql = "SELECT pg_get_wal_replay_pause_state()"
                #expect(try await fleet.site.postgres("db-replica").query(sql) == [["not paused"]])
            }
        }
    }
}
