import Foundation
import SystemPackage
import Testing

@testable import Chaos

/// docker-compose.yml is the standard topology by hand: what is written twice is compared.
@Suite("Compose file")
struct ComposeFileTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
    }

    private static func topology() throws -> Topology {
        try Topology(file: FilePath(root.appending(path: "Fixtures/topologies/standard.yaml").path))
    }

    @Test("the proxy's links are the topology's, to the nodes' sockets")
    func links() throws {
        let topology = try Self.topology()
        let file = try LinkConfiguration.load(FilePath(Self.root.appending(path: "Fixtures/docker/links.json").path))
        #expect(file.map(\.name) == topology.links.map(\.description).sorted())
        for (index, link) in file.enumerated() {
            #expect(link.listen == "0.0.0.0:\(10_000 + index)")
            let server = try #require(Link(link.name)).server
            let node = try #require(topology.nodes.first { $0.name == server })
            let socket = node.kind == .redis ? "redis.sock" : ".s.PGSQL.5432"
            #expect(link.upstream == "/run/fleet/\(server)/\(socket)")
        }
    }

    @Test("every node and set-up command is there, and every address is the client's own link")
    func nodes() throws {
        let topology = try Self.topology()
        let compose = try Self.text("docker-compose.yml").replacing("\\\n        ", with: "")
        let links = topology.links.map(\.description).sorted()
        for node in topology.nodes {
            #expect(compose.contains("\n  \(node.name):\n"), "\(node.name)")
            if let primary = node.replicaOf {
                let port = 10_000 + (try #require(links.firstIndex(of: "\(node.name):\(primary)")))
                #expect(compose.contains("{NODE: \"\(node.name)\", UPSTREAM: \"proxy:\(port)\"}"))
            }
        }
        let clients = topology.nodes.filter { $0.kind == .service }.map(\.name) + [Topology.controllerName]
        for client in clients {
            for (name, value) in topology.environment where value.contains("{{link:") {
                let filled = try Placeholders.fill(value) { placeholder in
                    links.firstIndex(of: "\(client):\(placeholder.dropFirst(5))").map { "proxy:\(10_000 + $0)" }
                }
                #expect(compose.contains("\(name): \"\(filled)\""), "\(name) of \(client)")
            }
        }
        for step in topology.setup {
            let words = step.command.map { "\"\($0)\"" }.joined(separator: ", ")
            #expect(compose.contains("command: [\(words)]"), "\(words)")
        }
        for (name, value) in topology.environment where !value.contains("{{") {
            #expect(compose.contains("  \(name): \"\(value)\""), "\(name)")
        }
    }

    @Test("the Postgres image's settings are those of every fleet")
    func settings() throws {
        let file = try Self.text("Fixtures/docker/postgres/postgresql.conf")
        for (name, value) in PostgresConfiguration.defaults {
            #expect(file.contains("\n\(name) = '\(value)'\n"), "\(name)")
        }
    }
}
