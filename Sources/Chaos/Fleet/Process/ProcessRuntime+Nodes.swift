import Foundation
import SystemPackage

/// Starting each kind of node.
extension ProcessRuntime {
    func checkPrograms() async throws {
        let kinds = Set(context.topology.nodes.map(\.kind))
        if kinds.contains(.redis), executables.onPath("redis-server") == nil {
            throw FleetError.failed(
                """
                no redis-server on PATH: install it (Debian: apt-get install redis-server; macOS: brew install redis), \
                or use --runtime docker
                """)
        }
        for command in context.topology.nodes.compactMap(\.command) + context.topology.setup.map(\.command) {
            _ = try program(command)
        }
    }

    /// The file behind a command's first word.
    func program(_ command: [String]) throws -> String {
        guard let found = executables.find(command[0]) else {
            throw FleetError.failed(
                """
                cannot find the program \(command[0]) next to \(executables.running), on PATH or in .build/debug: \
                build it (swift build) or give its path in the topology
                """)
        }
        return found.string
    }

    /// Every group's template, then a copy for every node, all at once.
    func copyPostgresTemplates(user: ServiceUser?) async throws {
        let nodes = context.topology.nodes.filter { $0.kind == .postgres }
        guard !nodes.isEmpty else { return }
        let programs = try await PostgresPrograms.find(
            executables, scratch: context.directory, environment: environment)
        try programs.directory.string.write(
            toFile: context.directory.appending("postgres-programs").string, atomically: true, encoding: .utf8)
        let template = PostgresTemplate(
            programs: programs, user: user, cache: context.root.appending("templates"), scratch: context.directory,
            environment: environment)
        try await withThrowingTaskGroup { group in
            for primary in nodes where primary.replicaOf == nil {
                group.addTask {
                    let source = try await template.directory(group: primary.name)
                    let members = nodes.filter { $0.name == primary.name || $0.replicaOf == primary.name }
                    try await withThrowingTaskGroup { copies in
                        for node in members { copies.addTask { try await copy(source, for: node) } }
                        for try await _ in copies {}
                    }
                }
            }
            for try await _ in group {}
        }
    }

    private func copy(_ template: FilePath, for node: Topology.Node) async throws {
        let log = log(of: node.name)
        #if os(Linux)
            let arguments = ["-a", "--reflink=auto", template.string, dataDirectory(node.name).string]
        #else
            let arguments = ["-cRp", template.string, dataDirectory(node.name).string]
        #endif
        let spawn = Spawn(
            program: "/bin/cp", arguments: arguments, environment: [:], directory: context.nodeDirectory(node.name),
            output: log)
        let status = try await spawn.run(limit: PostgresTemplate.limit, in: environment)
        guard status == 0 else {
            throw FleetError.failed("cannot copy \(template) for \(node.name):\n\(LogFile(log).tail())")
        }
    }

    func startPostgres(_ node: Topology.Node) async throws -> StartedNode {
        let data = dataDirectory(node.name)
        let user = try ServiceUser.needed()
        // Also after a death that was none of our faults; but never under a living server.
        if try tree(node.name).members().isEmpty { removeLeftovers(node) }
        if !FileManager.default.fileExists(atPath: data.appending("seaworthy.configured").string) {
            try configure(node.name, following: node.replicaOf)
        }
        let programs = try String(
            contentsOfFile: context.directory.appending("postgres-programs").string, encoding: .utf8)
        return try StartedNode(
            handle: .process(
                Spawn(
                    program: FilePath(programs).appending("postgres").string, arguments: ["-D", data.string],
                    environment: baseVariables.merging(["LC_ALL": "C"]) { $1 },
                    directory: data, output: log(of: node.name), user: user
                ).start()))
    }

    public func configure(_ node: String, following upstream: String?) throws {
        let user = try ServiceUser.needed()
        let files = try PostgresConfiguration.files(of: context.node(node), upstream: upstream, in: context) {
            try linkAddress($0)
        }
        for (name, content) in files {
            let file = dataDirectory(node).appending(name)
            try content.write(toFile: file.string, atomically: false, encoding: .utf8)
            user?.own(file)
        }
    }

    /// Its working directory is the fleet's: what works in the node's own counts as the node.
    public func runPostgresProgram(_ words: [String], as node: String) async throws -> ProgramOutput {
        let programs = try String(
            contentsOfFile: context.directory.appending("postgres-programs").string, encoding: .utf8)
        let output = context.directory.appending("output-\(environment.random())")
        defer { unlink(output.string) }
        let status = try await Spawn(
            program: FilePath(programs).appending(words[0]).string, arguments: Array(words.dropFirst()),
            environment: baseVariables.merging(["LC_ALL": "C"]) { $1 }, directory: context.directory, output: output,
            error: log(of: node), user: ServiceUser.needed()
        ).run(limit: PostgresTemplate.limit, in: environment)
        return ProgramOutput(
            status: status, text: (try? String(contentsOfFile: output.string, encoding: .utf8)) ?? "")
    }

    func startRedis(_ node: Topology.Node) throws -> StartedNode {
        let directory = context.nodeDirectory(node.name)
        let user = try ServiceUser.needed()
        let file = directory.appending("redis.conf")
        let socket = directory.appending("redis.sock")
        unlink(socket.string)
        try RedisConfiguration.text(settings: node.settings ?? [:], directory: directory, socket: socket)
            .write(toFile: file.string, atomically: false, encoding: .utf8)
        user?.own(file)
        return try StartedNode(
            handle: .process(
                Spawn(
                    program: executables.onPath("redis-server")?.string ?? "redis-server", arguments: [file.string],
                    environment: baseVariables, directory: directory, output: log(of: node.name), user: user
                ).start()))
    }

    /// A service gets a port below the range that the system hands to outgoing connections, so that none of those
    /// takes it while the service is down; and it keeps it over restarts while it is free.
    func startService(_ node: Topology.Node) throws -> StartedNode {
        let last = try context.ledger.state().nodes[node.name]?.address
        let port = try LocalPort.choose(preferred: last?.port, random: environment.random)
        let own = try context.serviceEnvironment(
            client: node.name, own: node.environment, port: port, link: linkAddress)
        let command = try (node.command ?? []).map {
            try context.fill($0, client: node.name, port: port, link: linkAddress)
        }
        let identity = try Spawn(
            program: program(command), arguments: Array(command.dropFirst()),
            environment: baseVariables.merging(own) { $1 }, directory: context.nodeDirectory(node.name),
            output: log(of: node.name)
        ).start()
        return StartedNode(handle: .process(identity), address: HostPort(host: "127.0.0.1", port: port))
    }

    /// What a program needs to run at all.
    var baseVariables: [String: String] {
        environment.variables.filter { ["PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH"].contains($0.key) }
    }
}
