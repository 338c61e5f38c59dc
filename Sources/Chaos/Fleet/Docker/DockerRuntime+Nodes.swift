import Foundation
import SystemPackage

/// Making each kind of node's container.
extension DockerRuntime {
    /// The port within a service's container.
    static let servicePort = 8080
    /// How often a published port that another took meanwhile is chosen anew.
    static let portAttempts = 5

    /// What must not be left of a node's last run.
    func prepareStart(of node: Topology.Node) throws {
        switch node.kind {
        case .postgres:
            // Its pid would be another's by now.
            unlink(dataDirectory(node.name).appending("postmaster.pid").string)
            let configured = dataDirectory(node.name).appending("seaworthy.configured")
            if !FileManager.default.fileExists(atPath: configured.string) {
                try configure(node.name, following: node.replicaOf)
            }
        case .redis:
            let directory = context.nodeDirectory(node.name)
            let socket = directory.appending("redis.sock")
            unlink(socket.string)
            try write(
                RedisConfiguration.text(settings: node.settings ?? [:], directory: directory, socket: socket),
                to: directory.appending("redis.conf"))
        case .service: break
        }
    }

    func create(_ node: Topology.Node) async throws -> StartedNode {
        let images = try place().images
        switch node.kind {
        case .postgres:
            let data = dataDirectory(node.name).string
            return try await StartedNode(
                handle: run(node.name, image: images.postgres, command: ["postgres", "-D", data]))
        case .redis:
            let file = context.nodeDirectory(node.name).appending("redis.conf").string
            return try await StartedNode(handle: run(node.name, image: images.redis, command: ["redis-server", file]))
        case .service: return try await createService(node, image: images.server)
        }
    }

    private func createService(_ node: Topology.Node, image: String) async throws -> StartedNode {
        let own = try context.serviceEnvironment(
            client: node.name, own: node.environment, port: Self.servicePort, link: linkAddress)
        let command = try (node.command ?? []).map {
            try context.fill($0, client: node.name, port: Self.servicePort, link: linkAddress)
        }
        let (handle, address) = try await publish(Self.servicePort) { publish in
            try await run(
                node.name, image: image, command: inImage(command),
                options: publish + environmentOptions(["HOST": "0.0.0.0"].merging(own) { $1 }))
        }
        return StartedNode(handle: handle, address: address)
    }

    /// Runs `body` with a free port of this machine in front of the container's, and with another when that was taken
    /// before docker could.
    func publish(
        _ port: Int, _ body: (_ options: [String]) async throws -> NodeHandle
    ) async throws -> (NodeHandle, HostPort) {
        var attempt = 1
        while true {
            let local = try LocalPort.choose(preferred: nil, random: environment.random)
            do {
                let handle = try await body(["--publish", "127.0.0.1:\(local):\(port)"])
                return (handle, HostPort(host: "127.0.0.1", port: local))
            } catch let error as FleetError {
                let isTaken = ["already allocated", "address already in use"].contains {
                    error.description.contains($0)
                }
                guard isTaken, attempt < Self.portAttempts else { throw error }
                attempt += 1
            }
        }
    }

    /// Starts a container in the fleet's network, its output in the node's log.
    func run(
        _ node: String, image: String, command: [String], options: [String] = []
    ) async throws -> NodeHandle {
        let directory = context.nodeDirectory(node)
        let name = containerName(node)
        let arguments =
            ["run", "--detach", "--name", name, "--hostname", node, "--network", networkName]
            + ["--volume", "\(directory):\(directory)", "--workdir", directory.string]
            + ["--log-driver", "none"] + commonOptions(node) + options
            + ["--entrypoint", "/bin/sh", image, "-c", #"exec "$@" >>"$0" 2>&1"#, log(of: node).string] + command
        var answer = try await docker().ask(arguments, limit: .seconds(60))
        if answer.error.contains("is already in use by container") {
            // Left by a start that failed half-way, or whose controller died.
            try await docker().require(["rm", "--force", "--volumes", name])
            answer = try await docker().ask(arguments, limit: .seconds(60))
        }
        guard answer.isWell else { throw try docker().failure(of: answer, doing: "run \(node)") }
        return .container(answer.output)
    }

    /// Labels, user, and a name for the user's number.
    func commonOptions(_ node: String) -> [String] {
        let passwd = context.directory.appending("passwd")
        return [
            "--label", "seaworthy.fleet=\(context.name)", "--label", "seaworthy.root=\(context.root)",
            "--label", "seaworthy.node=\(node)", "--label", "seaworthy.target=true",
            "--user", user.argument, "--volume", "\(passwd):/etc/passwd:ro",
        ]
    }

    func environmentOptions(_ variables: [String: String]) -> [String] {
        variables.sorted { $0.key < $1.key }.flatMap { ["--env", "\($0.key)=\($0.value)"] }
    }

    /// The same command with its program where the server image has it.
    func inImage(_ command: [String]) -> [String] {
        guard let program = command.first.flatMap({ FilePath($0).lastComponent?.string }) else { return command }
        return ["/usr/local/bin/\(program)"] + command.dropFirst()
    }

    public func configure(_ node: String, following upstream: String?) throws {
        let files = try PostgresConfiguration.files(of: context.node(node), upstream: upstream, in: context) {
            try linkAddress($0)
        }
        for (name, content) in files { try write(content, to: dataDirectory(node).appending(name)) }
    }

    /// In a container of its own, so that the node's own ends and starts apart from it.
    public func runPostgresProgram(_ words: [String], as node: String) async throws -> ProgramOutput {
        let directory = context.nodeDirectory(node)
        let arguments =
            ["run", "--rm", "--network", networkName, "--volume", "\(directory):\(directory)"]
            + ["--workdir", directory.string] + commonOptions(node)
            + ["--entrypoint", "/bin/sh", try place().images.postgres, "-c", #"exec "$@" 2>>"$0""#]
            + [log(of: node).string] + words
        let answer = try await docker().ask(arguments, limit: DockerTemplate.limit)
        if answer.isDaemonGone { throw try docker().failure(of: answer, doing: "run \(words[0])") }
        return ProgramOutput(status: answer.isWell ? 0 : 1, text: answer.output)
    }

    private func write(_ text: String, to path: FilePath) throws {
        try text.write(toFile: path.string, atomically: false, encoding: .utf8)
        user.own(path)
    }
}
