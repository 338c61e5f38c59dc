import Foundation
import SystemPackage

/// What belongs to the whole fleet: images, network, proxy, set-up commands.
extension DockerRuntime {
    static let proxyLimit = Duration.seconds(20)
    static let setupLimit = Duration.seconds(120)
    /// The control API's port within the proxy's container; links follow from ``firstLinkPort`` on, by name.
    static let controlPort = 8474
    static let firstLinkPort = 10_000

    var networkName: String { "seaworthy-\(context.name)" }
    func containerName(_ node: String) -> String { "seaworthy-\(context.name)-\(node)" }

    private var proxyDirectory: FilePath { context.nodeDirectory(FleetSite.proxyName) }
    private var readyFile: FilePath { proxyDirectory.appending("ready.json") }

    /// A link's place here gives its port, whoever asks.
    private var orderedLinks: [Link] { context.topology.links.sorted { $0.description < $1.description } }

    public func prepare() async throws {
        try PathLimits.check(context)
        try await checkDaemon()
        let names = context.topology.nodes.map(\.name) + [FleetSite.proxyName, Topology.controllerName]
        for name in names {
            let directory = context.nodeDirectory(name)
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
            user.own(directory)
        }
        try user.passwd.write(
            toFile: context.directory.appending("passwd").string, atomically: true, encoding: .utf8)
        let images = try await DockerImages.ensure(programs(), with: docker())
        try place(images).save(context)
        try await docker().require([
            "network", "create", "--label", "seaworthy.fleet=\(context.name)",
            "--label", "seaworthy.root=\(context.root)", networkName,
        ])
        let template = DockerTemplate(
            docker: try docker(), context: context, image: images.postgres, user: user,
            options: commonOptions(Topology.controllerName))
        let data = context.topology.nodes.filter { $0.kind == .postgres }
        try await template.copy(for: data) { dataDirectory($0) }
    }

    private func place(_ images: DockerImages) -> DockerPlace {
        DockerPlace(
            daemon: environment.variables.filter { DockerPlace.daemonVariables.contains($0.key) }, images: images)
    }

    private func checkDaemon() async throws {
        if let host = environment.variables["DOCKER_HOST"], !host.isEmpty, !host.hasPrefix("unix://") {
            throw FleetError.usage(
                """
                DOCKER_HOST is \(host), and a fleet shares files with its containers: use a daemon on this machine, or \
                --runtime process
                """)
        }
        try await docker().require(["version", "--format", "{{.Server.Version}}"])
    }

    /// The files behind the first words of services and set-up commands, and the proxy's.
    private func programs() throws -> [FilePath] {
        let words =
            context.topology.nodes.compactMap(\.command?.first) + context.topology.setup.compactMap(\.command.first)
        return try Set(words + ["chaos"]).sorted().map { word in
            guard let found = executables.find(word) else {
                throw FleetError.failed(
                    """
                    cannot find the program \(word) next to \(executables.running), on PATH or in .build/debug: build it \
                    (swift build) or give its path in the topology
                    """)
            }
            return found
        }
    }

    public func startProxy() async throws -> (handle: NodeHandle, control: HostPort) {
        let links = try orderedLinks.enumerated().map { index, link in
            guard let socket = socket(of: try context.node(link.server)) else {
                throw FleetError.usage("the link \(link) leads to a service; links lead to data nodes only")
            }
            return LinkConfiguration(
                name: link.description, listen: "0.0.0.0:\(Self.firstLinkPort + index)", upstream: socket.string)
        }
        let file = proxyDirectory.appending("links.json")
        try JSONEncoder().encode(links).write(to: URL(filePath: file.string))
        unlink(readyFile.string)
        let nodes = proxyDirectory.removingLastComponent()
        var place = try place()
        let (handle, control) = try await publish(Self.controlPort) { publish in
            try await run(
                FleetSite.proxyName, image: place.images.server,
                command: inImage([
                    "chaos", "proxy", "--host", "0.0.0.0", "--port", "\(Self.controlPort)", "--config", file.string,
                    "--ready-file", readyFile.string,
                ]),
                // Where the sockets of all nodes are, also of those that start later.
                options: publish + ["--volume", "\(nodes):\(nodes)"])
        }
        guard case .container(let id) = handle else { return (handle, control) }
        try await awaitProxy(id)
        place.proxyAddress = try await docker().require([
            "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", id,
        ])
        try place.save(context)
        return (handle, control)
    }

    private func awaitProxy(_ id: String) async throws {
        let end = environment.now() + Self.proxyLimit
        while environment.now() < end {
            if (try? ProxyReady.load(readyFile)) != nil { return }
            let answer = try await docker().ask(["inspect", "--format", "{{.State.Running}}", id])
            guard answer.output == "true" else { break }
            try await environment.sleep(.milliseconds(10))
        }
        let log = LogFile(log(of: FleetSite.proxyName)).tail()
        throw FleetError.failed("the proxy did not come up; the end of its log:\n\(log)")
    }

    public func linkAddress(_ link: Link) throws -> HostPort {
        guard let index = orderedLinks.firstIndex(of: link), let host = try place().proxyAddress else {
            throw FleetError.failed("the proxy has no link \(link): name it in the topology's `connects`")
        }
        return HostPort(host: host, port: Self.firstLinkPort + index)
    }

    public func run(_ command: Topology.SetupCommand) async throws -> String {
        let client = Topology.controllerName
        let directory = context.nodeDirectory(client)
        let own = try context.serviceEnvironment(client: client, own: command.environment, port: nil, link: linkAddress)
        let words = try command.command.map { try context.fill($0, client: client, port: nil, link: linkAddress) }
        let arguments =
            ["run", "--rm", "--network", networkName]
            + ["--volume", "\(directory):\(directory)", "--workdir", directory.string]
            + commonOptions(client) + environmentOptions(own)
            + [
                "--entrypoint", "/bin/sh", try place().images.server, "-c", #"exec "$@" 2>>"$0""#,
                log(of: client).string,
            ]
            + inImage(words)
        let answer = try await docker().ask(arguments, limit: Self.setupLimit)
        guard answer.isWell else {
            if answer.isDaemonGone { throw try docker().failure(of: answer, doing: "run") }
            let errors = LogFile(log(of: client)).tail()
            throw FleetError.failed("the set-up command `\(words.joined(separator: " "))` failed:\n\(errors)")
        }
        return answer.output
    }
}
