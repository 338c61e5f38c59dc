import Foundation
import SystemPackage
import Testing

@testable import Chaos

extension FleetsOfRealServers {
    @Suite("Faults take effect, are seen, and heal")
    struct FaultEffectTests {
        @Test("each fault is verified, and the node or link works after the heal", arguments: TestFleets.runtimes)
        func effects(runtime: RuntimeKind) async throws {
            try await TestFleets.with(options: TestFleets.options(runtime)) { fleet in
                let faults: [(Fault, String)] = [
                    (.pause, "db"), (.pause, "cache"), (.kill, "db-replica"), (.kill, "db"), (.kill, "cache"),
                    (.kill, "db*"), (.pause, "db*"), (.replayPause, "db-replica"),
                    (.latency(.milliseconds(150)), "cache"), (.latency(.milliseconds(150)), "chaos:db"),
                    (.partition, "*:db"), (.partition, "db-replica:db"),
                ]
                for (fault, target) in faults {
                    let active = try await fleet.inject(fault, on: fleet.target(target))
                    #expect(active.isVerified, "\(fault) on \(target): \(active.observations)")
                    #expect(try await fleet.status().faults.map(\.verified) == [true])
                    try await active.heal()
                    #expect(active.isVerified, "\(fault) on \(target): \(active.observations)")
                    #expect(active.afterHeal?.inForce == false, "\(active.afterHeal?.evidence ?? "")")
                    #expect(try fleet.context.ledger.state().faults.isEmpty)
                }
                // A killed primary came back as primary, and its replica streams again.
                try await eventually("the replica streams again") {
                    let roles = try await fleet.status().nodes.map(\.role)
                    return roles == ["primary", "replica", "redis"]
                }
            }
        }

        @Test("an outsider who resumes a paused node is noticed")
        func outsider() async throws {
            try await TestFleets.with(TestFleets.tiny) { fleet in
                let active = try await fleet.inject(.pause, on: .node("cache"))
                #expect(active.isVerified)
                try await fleet.runtime.resume("cache")
                try await eventually("the next look sees it run") { !active.isVerified }
                try await active.heal()
                #expect(!active.isVerified)
                #expect(active.afterHeal?.inForce == false)
            }
        }

        @Test("an outsider who resumes it and pauses it again between two looks is noticed too")
        func quickOutsider() async throws {
            try await TestFleets.with(TestFleets.tiny) { fleet in
                let active = try await fleet.inject(.pause, on: .node("cache"))
                try await fleet.runtime.resume("cache")
                try await fleet.runtime.pause("cache")
                try await active.heal()
                #expect(!active.isVerified)
                #expect(active.observations.contains { $0.evidence.contains("has run since") })
            }
        }

        @Test("a toxic that someone took off is noticed")
        func toxicGone() async throws {
            try await TestFleets.with(TestFleets.tiny) { fleet in
                let active = try await fleet.inject(.latency(.milliseconds(100)), on: fleet.target("chaos:cache"))
                #expect(active.isVerified)
                try await fleet.proxy().reset(deadline: .now + .seconds(5))
                try await active.heal()
                #expect(!active.isVerified)
                #expect(active.afterHeal?.inForce == false)
            }
        }

        @Test("a paused Postgres commits nothing until it is resumed")
        func pausedTree() async throws {
            try await TestFleets.with { fleet in
                let db = try await fleet.site.postgres("db")
                _ = try await db.query("CREATE TABLE ticks AS SELECT 0 AS n")
                let busy = "DO $$ BEGIN FOR i IN 1..1000000 LOOP UPDATE ticks SET n = i; COMMIT; END LOOP; END $$"
                let writer = Task {
                    try await PostgresProbe(endpoint: db.endpoint, environment: .live, limit: .seconds(60)).query(busy)
                }
                let read = "SELECT n FROM ticks"
                try await eventually("the writer commits") { try await db.query(read) != [["0"]] }
                try await fleet.runtime.pause("db")
                let replica = try await fleet.site.postgres("db-replica")
                var last = try await replica.query(read)
                // What had been sent is replayed; then nothing comes any more.
                try await eventually("the replica stands still") {
                    let now = try await replica.query("\(read), pg_sleep(0.2)")
                    defer { last = now.map { [$0[0]] } }
                    return now.first?.first == last.first?.first
                }
                try await fleet.runtime.kill("db")
                #expect(try await replica.query(read) == last)
                writer.cancel()
                _ = await writer.result
            }
        }

        @Test(
            "one that ends at its time is healed by the guardian when nobody holds it", arguments: TestFleets.runtimes)
        func detached(runtime: RuntimeKind) async throws {
            try await TestFleets.with(TestFleets.tiny, options: TestFleets.options(runtime)) { fleet in
                let active = try await fleet.inject(
                    .pause, on: .node("cache"), for: .milliseconds(300), isDetached: true)
                #expect(active.isVerified)
                try await eventually("the guardian heals it") { try fleet.context.ledger.state().faults.isEmpty }
                #expect(try await fleet.runtime.state(of: "cache") == .running)
            }
        }
    }
}
