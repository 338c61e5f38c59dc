import SystemPackage
import Testing

@testable import Chaos

@Suite("Topology")
struct TopologyTests {
    static let small = """
        version: 1
        name: small
        environment: {CACHE: "{{link:cache}}"}
        nodes:
          - {name: db, kind: postgres}
          - {name: db-replica, kind: postgres, replicaOf: db}
          - {name: cache, kind: redis, settings: {maxmemory: 1mb}}
          - name: web
            kind: service
            command: [web, --port, "{{port}}"]
            connects: [db, cache]
            health: /ready
        setup:
          - {command: [seed]}
        """

    @Test("YAML and JSON are read alike")
    func reads() throws {
        let topology = try Topology(text: Self.small, source: "small.yaml")
        #expect(topology.nodes.map(\.name) == ["db", "db-replica", "cache", "web"])
        #expect(topology.nodes[1].replicaOf == "db")
        #expect(topology.setup == [Topology.SetupCommand(command: ["seed"])])
        let json = #"{"version": 1, "name": "one", "nodes": [{"name": "cache", "kind": "redis"}]}"#
        #expect(try Topology(text: json, source: "one.json").nodes == [.init(name: "cache", kind: .redis)])
    }

    @Test("every connection has a link, replication both ways")
    func links() throws {
        let links = try Topology(text: Self.small, source: "small.yaml").links.map(\.description)
        #expect(
            Set(links) == [
                "web:db", "web:cache", "chaos:db", "chaos:db-replica", "chaos:cache", "db:db-replica", "db-replica:db",
            ])
        #expect(links.count == Set(links).count)
    }

    @Test("the standard topology is whole")
    func standard() throws {
        let topology = try Topology.bundled("standard")
        #expect(topology.nodes.count == 15)
        #expect(topology.nodes.filter { $0.kind == .service }.map(\.name) == ["server-0", "server-1"])
        #expect(topology.links.contains(Link(client: "server-1", server: "shard-1-replica-0")))
        // Every server to thirteen nodes, the controller to thirteen, six replication links a shard, two of central.
        #expect(topology.links.count == 2 * 13 + 13 + 2 * 6 + 2)
        #expect(topology.environment["MARKETPLACE_CENTRAL"]?.contains("{{link:central-replica-0}}") == true)
        #expect(!topology.durable)
    }

    @Test("in a durable group every node waits for one of the others, whichever leads")
    func durable() throws {
        let pair = "nodes: [{name: db, kind: postgres}, {name: db-r, kind: postgres, replicaOf: db}]"
        let whole = try Topology(text: "version: 1\nname: a\ndurable: true\n\(pair)", source: "a")
        #expect(whole.postgresSettings(of: whole.nodes[0])["synchronous_standby_names"] == #"ANY 1 ("db-r")"#)
        #expect(whole.postgresSettings(of: whole.nodes[1])["synchronous_standby_names"] == #"ANY 1 ("db")"#)
        let plain = try Topology(text: "version: 1\nname: a\n\(pair)", source: "a")
        #expect(plain.postgresSettings(of: plain.nodes[0])["synchronous_standby_names"] == nil)
        let one = pair.replacing("kind: postgres}", with: "kind: postgres, durable: true}", maxReplacements: 1)
        let group = try Topology(text: "version: 1\nname: a\n\(one)", source: "a")
        #expect(group.postgresSettings(of: group.nodes[1])["synchronous_standby_names"] == #"ANY 1 ("db")"#)
    }

    @Test(
        "what is wrong is said with its place and what to do",
        arguments: [
            ("", "bad is empty"),
            ("[1, 2", "neither YAML nor JSON"),
            ("version: 2\nname: a\nnodes: [{name: c, kind: redis}]", "this release reads version 1"),
            ("version: 1\nname: a\nnodes: []", "no nodes"),
            ("version: 1\nnodes: []", "lacks `name`"),
            ("version: 1\nname: a\nnodes: [{name: c, kind: mongo}]", "nodes.[0].kind"),
            ("version: 1\nname: a\nnodes:\n  - {name: c, kind: redis, conects: [x]}", "bad:4: a node has no `conects`"),
            ("version: 1\nname: a\nnodes: [{name: C, kind: redis}]", "`C` must be fit for DNS"),
            ("version: 1\nname: a\nnodes: [{name: proxy, kind: redis}]", "no node may be named `proxy`"),
            ("version: 1\nname: a\nnodes: [{name: c, kind: redis}, {name: c, kind: redis}]", "two nodes are named `c`"),
            ("version: 1\nname: a\nnodes: [{name: c, kind: postgres, replicaOf: d}]", "no node has that name"),
            ("version: 1\nname: a\nnodes: [{name: c, kind: redis, replicaOf: c}]", "for postgres nodes only"),
            ("version: 1\nname: a\nnodes: [{name: c, kind: redis, command: [x]}]", "takes no `command`"),
            ("version: 1\nname: a\nnodes: [{name: s, kind: service}]", "has no `command`"),
            ("version: 1\nname: a\nnodes: [{name: c, kind: redis, durable: true}]", "`durable` belongs to the primary"),
            ("version: 1\nname: a\nnodes: [{name: c, kind: postgres, durable: true}]", "has no replica to be so"),
            ("version: 1\nname: a\nnodes: [{name: s, kind: service, command: [x], connects: [d]}]", "connects to `d`"),
            ("version: 1\nname: a\nnodes: [{name: s, kind: service, command: [x], health: ready}]", "begins with /"),
            (
                "version: 1\nname: a\nnodes: [{name: c, kind: redis},"
                    + " {name: s, kind: service, command: ['{{link:c}}']}]",
                "add c to its `connects`"
            ),
            ("version: 1\nname: a\nnodes: [{name: s, kind: service, command: ['{{prt}}']}]", "{{prt}} means nothing"),
            (
                "version: 1\nname: a\nnodes: [{name: c, kind: redis}]\nsetup: [{command: []}]",
                "setup[0] has an empty command"
            ),
        ])
    func refuses(text: String, message: String) {
        let error = #expect(throws: FleetError.self) { try Topology(text: text, source: "bad") }
        #expect("\(error!)".contains(message), "\(error!)")
        #expect(error?.exitCode == 64)
    }

    @Test("a file that is not there is named")
    func missing() {
        let error = #expect(throws: FleetError.self) { try Topology(file: "/no/such.yaml") }
        #expect("\(error!)".contains("/no/such.yaml"))
    }
}
