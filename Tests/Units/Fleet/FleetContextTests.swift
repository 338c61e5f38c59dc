import Testing

@testable import Chaos

@Suite("A service's environment")
struct FleetContextTests {
    private func context(passed: [String: String]) -> FleetContext {
        let nodes = [
            Topology.Node(name: "cache", kind: .redis),
            Topology.Node(name: "web", kind: .service, command: ["web"], connects: ["cache"]),
        ]
        let topology = Topology(
            name: "t", nodes: nodes,
            environment: ["MARKETPLACE_CACHE": "cache@{{link:cache}}", "FEATURE_X": "true", "SAME": "topology"])
        return FleetContext(
            name: "f", topology: topology, root: "/nowhere", passedVariables: passed,
            ledger: Ledger(path: "/nowhere/l"),
            environment: .live)
    }

    @Test("placeholders are filled; a node's own values win over the topology's, the caller's over both")
    func precedence() throws {
        let variables = try context(passed: ["FEATURE_X": "false"]).serviceEnvironment(
            client: "web", own: ["SAME": "node", "PORT": "{{port}}", "NAME": "{{name}}"], port: 5000
        ) { HostPort(host: $0.client, port: $0.server.count) }
        #expect(
            variables == [
                "MARKETPLACE_CACHE": "cache@web:5", "FEATURE_X": "false", "SAME": "node", "PORT": "5000", "NAME": "web",
            ])
    }

    @Test("the caller cannot lead a connection past the proxy")
    func linksStay() throws {
        let variables = try context(passed: ["MARKETPLACE_CACHE": "cache@elsewhere:1"]).serviceEnvironment(
            client: "web", own: nil, port: nil
        ) { _ in HostPort(host: "link", port: 7) }
        #expect(variables["MARKETPLACE_CACHE"] == "cache@link:7")
    }

    @Test("an open placeholder is refused")
    func open() {
        #expect(throws: FleetError.self) { try Placeholders.fill("a {{link:b") { _ in "" } }
    }
}
