import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import Chaos

extension FleetsOfRealServers {
    @Suite("Starting and stopping")
    struct FleetTests {
        @Test("five standard fleets side by side: every node of each is ready, and each has its own data")
        func sideBySide() async throws {
            let topology = try Self.standardWithoutMarketplace()
            let started = Started()
            try await withThrowingTaskGroup { group in
                for number in 0..<5 {
                    group.addTask {
                        var options = TestFleets.options(name: "side-\(number)")
                        options.readyLimit = Self.crowdLimit
                        try await TestFleets.with(topology, options: options) { fleet in
                            started.count.withLock { $0 += 1 }
                            try await eventually("all five have started", within: Self.crowdLimit) {
                                started.count.withLock { $0 } == 5
                            }
                            try await Self.expectWhole(fleet)
                            try await Self.expectOwnData(fleet, number)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }

        private final class Started: Sendable {
            let count = Mutex(0)
        }

        /// Seventy-five servers share the machine while they start.
        private static let crowdLimit = Duration.seconds(120)

        /// The standard topology's nodes and links. For its services stands what only listens: ten marketplaces would
        /// measure the machine.
        private static func standardWithoutMarketplace() throws -> Topology {
            var topology = try Topology.bundled("standard")
            topology.setup = []
            for index in topology.nodes.indices where topology.nodes[index].kind == .service {
                topology.nodes[index].command = ["sh", "-c", "exec \(sleeper)"]
                topology.nodes[index].health = nil
            }
            return topology
        }

        private static func expectWhole(_ fleet: Fleet) async throws {
            let roles = fleet.topology.nodes.map(role)
            try await eventually("every node of \(fleet.name) runs in its role") {
                let nodes = try await fleet.status().nodes
                return nodes.map(\.role) == roles && nodes.allSatisfy { $0.state == .running }
            }
            #expect(roles.count == 15)
            let links = try await fleet.proxy().links(deadline: .now + .seconds(30))
            #expect(Set(links.keys) == Set(fleet.topology.links.map(\.description)))
        }

        /// What the status of a node says that can do its work.
        private static func role(of node: Topology.Node) -> String? {
            switch node.kind {
            case .postgres: node.replicaOf == nil ? "primary" : "replica"
            case .redis: "redis"
            case .service: "service"
            }
        }

        private static func expectOwnData(_ fleet: Fleet, _ number: Int) async throws {
            for node in fleet.topology.nodes where node.kind == .postgres && node.replicaOf == nil {
                _ = try await fleet.site.postgres(node.name).query("CREATE TABLE mine AS SELECT \(number) AS n")
            }
            for node in fleet.topology.nodes where node.replicaOf != nil {
                let replica = try await fleet.site.postgres(node.name)
                try await eventually("\(node.name) of \(fleet.name) has its table") {
                    (try? await replica.query("SELECT n FROM mine")) == [["\(number)"]]
                }
            }
        }

        @Test("shards have system identifiers of their own, replicas their primary's")
        func identifiers() async throws {
            let topology = Topology(
                name: "two",
                nodes: [
                    .init(name: "a", kind: .postgres), .init(name: "a-replica", kind: .postgres, replicaOf: "a"),
                    .init(name: "b", kind: .postgres),
                ])
            try await TestFleets.with(topology) { fleet in
                var identifiers: [String: String] = [:]
                for node in topology.nodes {
                    let rows = try await fleet.site.postgres(node.name).query(
                        "SELECT system_identifier FROM pg_control_system()")
                    identifiers[node.name] = rows[0][0]
                }
                #expect(identifiers["a"] == identifiers["a-replica"])
                #expect(identifiers["a"] != identifiers["b"])
            }
        }

        @Test("replication passes through the proxy, with a slot")
        func replication() async throws {
            try await TestFleets.with { fleet in
                let slots = try await fleet.site.postgres("db").query(
                    "SELECT slot_name, active FROM pg_replication_slots")
                #expect(slots == [["db_replica", "t"]])
                let counters = try await fleet.proxy().counters(deadline: .now + .seconds(5))
                #expect(counters["db-replica:db"]!.downstream.bytes > 0)
            }
        }

        @Test("a service gets its links, its port and its name, and what the caller passes on")
        func service() async throws {
            let script = """
                echo "$NAME $PORT $CACHE $FEATURE_X" > told; exec \(Self.sleeper)
                """
            let topology = Topology(
                name: "served",
                nodes: [
                    .init(name: "cache", kind: .redis),
                    .init(
                        name: "web", kind: .service, command: ["sh", "-c", script],
                        environment: ["NAME": "{{name}}", "PORT": "{{port}}", "CACHE": "{{link:cache}}"],
                        connects: ["cache"]),
                ])
            var options = TestFleets.options()
            options.environment.variables["FEATURE_X"] = "off"
            try await TestFleets.with(topology, options: options) { fleet in
                let file = fleet.context.nodeDirectory("web").appending("told").string
                let told = try String(contentsOfFile: file, encoding: .utf8).split(separator: " ").map(String.init)
                let address = try #require(try fleet.serviceAddresses()["web"])
                #expect(told[0] == "web")
                #expect(told[1] == "\(address.port)")
                let link = try await fleet.proxy().link("web:cache", deadline: .now + .seconds(5))
                #expect(told[2] == link.listen)
                #expect(told[3] == "off\n")
                // Killed and healed it keeps its address, or the load would not find it.
                try await fleet.with(.kill, on: "web") {}
                #expect(try fleet.serviceAddresses()["web"] == address)
            }
        }

        /// Listens on $PORT: redis-server is there anyway.
        private static let sleeper = "redis-server --port $PORT --save '' --bind 127.0.0.1"

        @Test("set-up commands run before services, and a failing one is quoted")
        func setUp() async throws {
            var topology = TestFleets.tiny
            topology.setup = [
                .init(command: ["sh", "-c", "echo about to fail at {{link:cache}} >&2; exit 9"])
            ]
            let error = await #expect(throws: FleetError.self) {
                try await Fleet.start(topology, options: TestFleets.options(name: "bad-setup"))
            }
            #expect("\(error!)".contains("ended with status 9"))
            #expect("\(error!)".contains("about to fail at 127.0.0.1:"))
            TestFleets.expectNothingLeft("bad-setup")
        }

        @Test("a Postgres that does not start is quoted, and nothing stays")
        func postgresDoesNotStart() async throws {
            var topology = TestFleets.small
            topology.nodes[0].settings = ["shared_buffers": "plenty"]
            let error = await #expect(throws: FleetError.self) {
                try await Fleet.start(topology, options: TestFleets.options(name: "bad-postgres"))
            }
            #expect("\(error!)".contains("db ended instead of becoming ready"))
            #expect("\(error!)".contains(#"invalid value for parameter "shared_buffers": "plenty""#))
            #expect(error?.exitCode == 70)
            TestFleets.expectNothingLeft("bad-postgres")
        }

        @Test("a Redis that does not start is quoted, and nothing stays")
        func redisDoesNotStart() async throws {
            var topology = TestFleets.tiny
            topology.nodes[0].settings = ["maxmemory-policy": "hope"]
            let error = await #expect(throws: FleetError.self) {
                try await Fleet.start(topology, options: TestFleets.options(name: "bad-redis"))
            }
            #expect("\(error!)".contains("maxmemory-policy"))
            TestFleets.expectNothingLeft("bad-redis")
        }

        @Test("a service whose program is missing is named before anything starts")
        func programMissing() async throws {
            var topology = TestFleets.tiny
            topology.nodes.append(.init(name: "web", kind: .service, command: ["no-such-program"]))
            let error = await #expect(throws: FleetError.self) {
                try await Fleet.start(topology, options: TestFleets.options(name: "bad-program"))
            }
            #expect("\(error!)".contains("cannot find the program no-such-program"))
            TestFleets.expectNothingLeft("bad-program")
        }

        @Test("a service that is never ready says why")
        func neverReady() async throws {
            var topology = TestFleets.tiny
            topology.nodes.append(
                .init(
                    name: "web", kind: .service, command: ["sh", "-c", "echo not today; exec sleep 300"], health: "/up")
            )
            var options = TestFleets.options(name: "never-ready")
            options.readyLimit = .seconds(2)
            let error = await #expect(throws: FleetError.self) { try await Fleet.start(topology, options: options) }
            #expect("\(error!)".contains("web was not ready within"))
            #expect("\(error!)".contains("not today"))
            TestFleets.expectNothingLeft("never-ready")
        }

        @Test("a taken name, a bad name and a path too long are refused")
        func names() async throws {
            try await TestFleets.with(TestFleets.tiny, options: TestFleets.options(name: "taken")) { fleet in
                let taken = await #expect(throws: FleetError.self) {
                    try await Fleet.start(TestFleets.tiny, options: TestFleets.options(name: "taken"))
                }
                #expect("\(taken!)".contains("a fleet named taken exists"))
                let state = try await fleet.runtime.state(of: "cache")
                #expect(state == .running, "the first is untouched")
            }
            let bad = await #expect(throws: FleetError.self) {
                try await Fleet.start(TestFleets.tiny, options: TestFleets.options(name: "Bad_Name"))
            }
            #expect(bad?.exitCode == 64)
            let long = FilePath("/tmp/" + String(repeating: "x", count: 90))
            defer { try? FileManager.default.removeItem(atPath: long.string) }
            let error = await #expect(throws: FleetError.self) {
                try await Fleet.start(TestFleets.tiny, options: TestFleets.options(name: "long", root: long))
            }
            #expect("\(error!)".contains("choose a shorter"))
            TestFleets.expectNothingLeft("long", root: long)
        }

        @Test("templates are made once, also by fleets that start at the same time")
        func templates() async throws {
            let root = FilePath(TestFleets.root.string + "-templates")
            defer { try? FileManager.default.removeItem(atPath: root.string) }
            try await withThrowingTaskGroup { group in
                for number in 0..<3 {
                    group.addTask {
                        let options = TestFleets.options(name: "t-\(number)", root: root)
                        try await TestFleets.with(TestFleets.small, options: options) { _ in }
                    }
                }
                try await group.waitForAll()
            }
            let kept = try FileManager.default.contentsOfDirectory(atPath: root.appending("templates").string)
            #expect(kept.filter { !$0.hasSuffix(".lock") }.count == 1)
        }
    }
}
