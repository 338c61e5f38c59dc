import Foundation
import SystemPackage

/// The end of a fleet.
extension DockerRuntime {
    /// How long a daemon that does not answer is waited for.
    static let daemonLimit = Duration.seconds(5)
    /// How long a container whose start was announced and not seen through is looked out for: the command that starts
    /// it outlives a controller that was killed.
    static let announcedLimit = Duration.seconds(5)
    /// How long containers that have been removed may still stand in the network's books.
    static let networkLimit = Duration.seconds(10)
    /// Calls that remove containers at a time.
    static let removalsAtOnce = 4

    /// Removes every container and network labelled as this fleet's, also those that the ledger does not know yet.
    /// Processes are ended by their control groups first. When the daemon is gone it throws then: the containers'
    /// records have to be removed once it is back.
    public func tearDown() async throws {
        guard executables.onPath("docker") != nil else { return }
        // Not even prepared: no daemon was found, and none is needed to remove nothing.
        guard DockerPlace.load(context) != nil else { return try await endProcesses() }
        // At once and all together, where we may; the daemon takes its time for each.
        for node in try context.ledger.state().nodes.values {
            if case .container(let id) = node.handle { DockerCgroup(container: id).end() }
        }
        try await awaitDaemon()
        let end = environment.now() + Self.announcedLimit
        var announced = Set(try context.ledger.state().starting.subtracting([GuardianProcess.nodeName]))
        repeat {
            for name in try await removeContainers() { announced.remove(name) }
            if announced.isEmpty { break }
            try await environment.sleep(.milliseconds(100))
        } while environment.now() < end
        try await removeNetwork()
        // One that was made between the last look and the network's end could not start any more.
        _ = try await removeContainers()
        // Last: to this, what runs in a container works below the fleet's directory too, and what is frozen there does
        // not end.
        try await endProcesses()
    }

    /// Copies of templates that are still being made.
    private func endProcesses() async throws {
        try await ProcessTree(root: nil, directory: context.directory, environment: environment).kill()
    }

    private var filters: [String] {
        ["--filter", "label=seaworthy.fleet=\(context.name)", "--filter", "label=seaworthy.root=\(context.root)"]
    }

    /// - Returns: names of the nodes whose containers were removed.
    private func removeContainers() async throws -> [String] {
        let format = #"{{.ID}} {{.Label "seaworthy.node"}}"#
        let listed = try await docker().require(["ps", "--all", "--no-trunc", "--format", format] + filters)
        let found = listed.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let ids = found.compactMap(\.first)
        guard !ids.isEmpty else { return [] }
        try await withThrowingTaskGroup { group in
            for share in 0..<Self.removalsAtOnce {
                let some = stride(from: share, to: ids.count, by: Self.removalsAtOnce).map { ids[$0] }
                if !some.isEmpty { group.addTask { try await remove(some) } }
            }
            try await group.waitForAll()
        }
        return found.compactMap { $0.count > 1 ? $0[1] : nil }
    }

    private func remove(_ ids: [String]) async throws {
        let answer = try await docker().ask(["rm", "--force", "--volumes"] + ids, limit: .seconds(60))
        // One that is being removed by another at the same time is no failure.
        guard answer.isWell || answer.isUnknown || answer.error.contains("already in progress") else {
            throw try docker().failure(of: answer, doing: "rm")
        }
    }

    private func removeNetwork() async throws {
        let end = environment.now() + Self.networkLimit
        while true {
            let answer = try await docker().ask(["network", "rm", networkName])
            if answer.isWell || answer.isUnknown { return }
            // A container's end may take a moment to reach its network.
            guard answer.error.contains("active endpoints") else {
                throw try docker().failure(of: answer, doing: "network rm")
            }
            let isEmpty = try await removeContainers().isEmpty
            if environment.now() >= end {
                guard isEmpty, try await isWithoutContainers() else {
                    throw try docker().failure(of: answer, doing: "network rm")
                }
                return sayMiscounted()
            }
            try await environment.sleep(.milliseconds(50))
        }
    }

    private func isWithoutContainers() async throws -> Bool {
        let answer = try await docker().ask(["network", "inspect", "--format", "{{len .Containers}}", networkName])
        return answer.isUnknown || answer.output == "0"
    }

    /// When many containers end at once the daemon may lose count of a network's endpoints. It holds none then, nothing
    /// runs, and only the daemon's next start sets it right: no reason to call a run that is over a failure.
    private func sayMiscounted() {
        let words = """
            the docker daemon still counts endpoints of the network \(networkName), though no container is left: \
            it can be removed once the daemon has been restarted (docker network rm \(networkName))

            """
        FileHandle.standardError.write(Data(words.utf8))
    }

    private func awaitDaemon() async throws {
        let end = environment.now() + Self.daemonLimit
        var answer = try await docker().ask(["version", "--format", "{{.Server.Version}}"])
        guard answer.isDaemonGone else { return }
        while answer.isDaemonGone {
            guard environment.now() < end else {
                throw FleetError.failed(
                    """
                    the docker daemon does not answer (\(answer.reason)); the processes of the fleet \(context.name) \
                    have been ended; its guardian, or `chaos down --fleet \(context.name)`, removes the rest once it is back
                    """)
            }
            try await environment.sleep(.milliseconds(100))
            answer = try await docker().ask(["version", "--format", "{{.Server.Version}}"])
        }
    }
}
