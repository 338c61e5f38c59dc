import Foundation
import SystemPackage

/// A fleet of containers: one for each node, one for the proxy, on a network of its own.
///
/// Each node's directory is mounted at the same path within its container and holds its data, sockets and log, so that
/// names, links, readiness and logs are those of a process fleet: data nodes listen on a Unix socket only, where the
/// proxy and the controller reach them, and no port of theirs is published. This takes a daemon on this machine.
///
/// A service listens on the address and port that `HOST` and `{{port}}` name; the port is published on 127.0.0.1.
public struct DockerRuntime: LocalRuntime {
    public let kind = RuntimeKind.docker
    public let capabilities = Set(FaultKind.allCases)

    let context: FleetContext
    let executables: Executables
    let user = DockerUser()

    /// Changes nothing yet; what runs already is found through the context's ledger.
    public init(context: FleetContext) {
        self.context = context
        executables = Executables(variables: context.environment.variables)
    }

    var environment: FleetEnvironment { context.environment }

    /// How long an orderly stop may take before the node is killed, in seconds.
    static let stopSeconds = 10
    /// How long a container may take to be seen paused, resumed or ended.
    static let changeLimit = Duration.seconds(10)

    public func start(_ node: String) async throws -> StartedNode {
        let node = try context.node(node)
        try prepareStart(of: node)
        if let id = try container(of: node.name), case let answer = try await docker().ask(["start", id]),
            !answer.isUnknown
        {
            guard answer.isWell else { throw try docker().failure(of: answer, doing: "start \(node.name)") }
            return StartedNode(handle: .container(id), address: try context.ledger.state().nodes[node.name]?.address)
        }
        return try await create(node)
    }

    public func stop(_ node: String) async throws {
        guard let id = try container(of: node) else { return }
        // Postgres' image asks for a fast shutdown, which does not wait for its clients to leave.
        try await docker().require(
            ["stop", "--time", "\(Self.stopSeconds)", id], limit: .seconds(Self.stopSeconds + 20))
    }

    public func pause(_ node: String) async throws {
        let id = try requireContainer(of: node)
        let end = environment.now() + Self.changeLimit
        var answer = try await docker().ask(["pause", id])
        // A process that waits for the disk cannot be frozen, and docker gives up within a tenth of a second.
        while answer.error.contains("unable to freeze"), environment.now() < end {
            try await environment.sleep(.milliseconds(50))
            answer = try await docker().ask(["pause", id])
        }
        guard answer.isWell || answer.error.contains("already paused") else {
            throw try docker().failure(of: answer, doing: "pause \(node)")
        }
        try await awaitState(.paused, of: node)
    }

    public func resume(_ node: String) async throws {
        let id = try requireContainer(of: node)
        let group = DockerCgroup(container: id)
        var answer = try await docker().ask(["unpause", id])
        if answer.isDaemonGone {
            // The daemon is not needed for it: the kernel holds the processes, and lets them go.
            group.thaw()
            return
        }
        if answer.error.contains("container not paused") {
            // Another let it go past the daemon, which believes it paused for ever unless it finds it so.
            group.freeze()
            answer = try await docker().ask(["unpause", id])
        }
        guard answer.isWell || answer.error.contains("is not paused") else {
            throw try docker().failure(of: answer, doing: "unpause \(node)")
        }
        // Frozen past the daemon's knowledge.
        if group.isFrozen == true { group.thaw() }
        try await awaitState(.running, of: node)
    }

    public func kill(_ node: String) async throws {
        let id = try requireContainer(of: node)
        let answer = try await docker().ask(["kill", id])
        guard answer.isWell || answer.error.contains("is not running") else {
            throw try docker().failure(of: answer, doing: "kill \(node)")
        }
        try await awaitState(.exited, of: node)
    }

    /// The kernel is asked first: it knows at once, also when the daemon is gone or does not know that another let a
    /// container go, while every call of the command line costs a tenth of a second of one processor.
    public func state(of node: String) async throws -> NodeState {
        guard let id = try container(of: node) else { return .absent }
        if let state = try kernelState(of: id) { return state }
        let answer = try await docker().ask(["inspect", "--format", "{{.State.Status}}", id])
        if answer.isUnknown { return .absent }
        guard answer.isWell else { throw try docker().failure(of: answer, doing: "inspect \(node)") }
        switch answer.output {
        case "running", "restarting": return .running
        case "paused": return .paused
        default: return .exited
        }
    }

    /// That a container has no control group says that it has ended only where the proxy's is seen: another daemon's,
    /// or those of a machine of its own, are hidden.
    private func kernelState(of id: String) throws -> NodeState? {
        let group = DockerCgroup(container: id)
        if group.isFound { return group.state }
        guard let proxy = try container(of: FleetSite.proxyName), proxy != id else { return nil }
        return DockerCgroup(container: proxy).isFound ? .exited : nil
    }

    public func check() async throws {
        let answer = try await docker().ask(["version", "--format", "{{.Server.Version}}"])
        if answer.isDaemonGone { throw try docker().failure(of: answer, doing: "version") }
    }

    public func evidence(of node: String) async throws -> String {
        guard let id = try container(of: node) else { return "no container" }
        let name = "container \(id.prefix(12))"
        guard let state = try kernelState(of: id) else {
            let answer = try await docker().ask(["inspect", "--format", "{{.State.Status}}, pid {{.State.Pid}}", id])
            return "\(name) \(answer.isWell ? answer.output : answer.reason)"
        }
        if state == .exited { return "\(name) has no processes and no control group" }
        let count = DockerCgroup(container: id).processes.count
        let processes = "\(count) \(count == 1 ? "process" : "processes")"
        return "\(name) with \(processes), \(state == .paused ? "frozen" : "not frozen")"
    }

    public func activityMark(of node: String) async throws -> String? {
        try container(of: node).flatMap { DockerCgroup(container: $0).usage }
    }

    /// The container that the ledger knows the node by.
    func container(of node: String) throws -> String? {
        guard case .container(let id)? = try context.ledger.state().nodes[node]?.handle else { return nil }
        return id
    }

    private func requireContainer(of node: String) throws -> String {
        guard let id = try container(of: node) else {
            throw FleetError.failed("\(node) has no container: it has not been started")
        }
        return id
    }

    /// Returns when the node is in that state.
    private func awaitState(_ wanted: NodeState, of node: String) async throws {
        let end = environment.now() + Self.changeLimit
        var seen = NodeState.absent
        while environment.now() < end {
            seen = try await state(of: node)
            if seen == wanted { return }
            try await environment.sleep(.milliseconds(10))
        }
        throw FleetError.failed(
            "\(node) should be \(wanted.rawValue) and is \(seen.rawValue) after \(Self.changeLimit)")
    }

    /// The command line, pointed at the daemon that this fleet was started on.
    func docker() throws -> DockerCommand {
        guard let program = executables.onPath("docker") else {
            throw FleetError.failed(
                "no docker on PATH: install it (Debian: apt-get install docker.io), or use --runtime process")
        }
        let daemon = DockerPlace.load(context)?.daemon ?? [:]
        return DockerCommand(
            program: program, variables: environment.variables.merging(daemon) { $1 }, environment: environment)
    }

    /// What was prepared.
    func place() throws -> DockerPlace {
        guard let place = DockerPlace.load(context) else {
            throw FleetError.failed("the fleet \(context.name) was not prepared: end it with `chaos down`")
        }
        return place
    }
}
