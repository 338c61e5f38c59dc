import Foundation
import SystemPackage

/// What belongs to the whole fleet: its proxy, its set-up commands, its end.
extension ProcessRuntime {
    static let proxyLimit = Duration.seconds(10)
    static let setupLimit = Duration.seconds(120)

    private var proxyDirectory: FilePath { context.nodeDirectory("proxy") }
    private var readyFile: FilePath { proxyDirectory.appending("ready.json") }

    public func startProxy() async throws -> (handle: NodeHandle, control: HostPort) {
        try FileManager.default.createDirectory(atPath: proxyDirectory.string, withIntermediateDirectories: true)
        let links = try context.topology.links.map { link in
            guard let socket = socket(of: try context.node(link.server)) else {
                throw FleetError.usage("the link \(link) leads to a service; links lead to data nodes only")
            }
            return LinkConfiguration(name: link.description, upstream: socket.string)
        }
        let file = proxyDirectory.appending("links.json")
        try JSONEncoder().encode(links).write(to: URL(fileURLWithPath: file.string))
        unlink(readyFile.string)
        let identity = try Spawn(
            program: program(["chaos"]),
            arguments: ["proxy", "--port", "0", "--config", file.string, "--ready-file", readyFile.string],
            environment: baseVariables, directory: proxyDirectory, output: log(of: "proxy")
        ).start()
        let end = environment.now() + Self.proxyLimit
        while environment.now() < end {
            if let ready = proxyReady(), let control = HostPort(ready.control) { return (.process(identity), control) }
            guard ProcessTable.isAlive(identity) else { break }
            try await environment.sleep(.milliseconds(5))
        }
        throw FleetError.failed("the proxy did not come up; the end of its log:\n\(LogFile(log(of: "proxy")).tail())")
    }

    public func linkAddress(_ link: Link) throws -> HostPort {
        guard let text = proxyReady()?.links[link.description], let address = HostPort(text) else {
            throw FleetError.failed("the proxy has no link \(link): name it in the topology's `connects`")
        }
        return address
    }

    private func proxyReady() -> ProxyReady? {
        guard let data = FileManager.default.contents(atPath: readyFile.string) else { return nil }
        return try? JSONDecoder().decode(ProxyReady.self, from: data)
    }

    public func run(_ command: Topology.SetupCommand) async throws -> String {
        let client = Topology.controllerName
        let directory = context.nodeDirectory(client)
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        let own = try context.serviceEnvironment(client: client, own: command.environment, port: nil, link: linkAddress)
        let words = try command.command.map { try context.fill($0, client: client, port: nil, link: linkAddress) }
        let output = directory.appending("output-\(environment.random())")
        let log = log(of: client)
        let status = try await Spawn(
            program: program(words), arguments: Array(words.dropFirst()),
            environment: baseVariables.merging(own) { $1 }, directory: directory, output: output, error: log
        ).run(limit: Self.setupLimit, in: environment)
        let text = (try? String(contentsOfFile: output.string, encoding: .utf8)) ?? ""
        guard status == 0 else {
            let errors = LogFile(log).tail()
            throw FleetError.failed(
                "the set-up command `\(words.joined(separator: " "))` ended with status \(status):\n\(errors)")
        }
        return text
    }

    /// Ends everything that works below the fleet's directory, known to the ledger or not, then what the ledger knows
    /// and has gone elsewhere.
    public func tearDown() async throws {
        try await ProcessTree(root: nil, directory: context.directory, environment: environment).kill()
        for (name, node) in (try? context.ledger.state().nodes) ?? [:] where name != GuardianProcess.nodeName {
            guard case .process(let identity) = node.handle, ProcessTable.isAlive(identity) else { continue }
            try await ProcessTree(root: identity, directory: context.nodeDirectory(name), environment: environment)
                .kill()
        }
        context.topology.nodes.forEach(removeLeftovers)
    }
}
