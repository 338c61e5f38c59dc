import Foundation
import SystemPackage

/// A Postgres data directory made in a container, once per machine, image and Postgres group, and copied for every
/// node of that group; as ``PostgresTemplate`` does it with the machine's own programs.
struct DockerTemplate: Sendable {
    var docker: DockerCommand
    var context: FleetContext
    var image: String
    var user: DockerUser
    /// Labels and the like of every container of this fleet.
    var options: [String]

    static let limit = Duration.seconds(60)
    /// Changes when what is made below changes.
    static let layout = 1

    /// Makes the nodes' data directories.
    func copy(for nodes: [Topology.Node], to data: @escaping @Sendable (String) -> FilePath) async throws {
        try await withThrowingTaskGroup { group in
            for primary in nodes where primary.replicaOf == nil {
                group.addTask {
                    let template = try await directory(group: primary.name)
                    try await withThrowingTaskGroup { copies in
                        for node in nodes where node.name == primary.name || node.replicaOf == primary.name {
                            copies.addTask { try await copy(template, to: data(node.name), node: node.name) }
                        }
                        try await copies.waitForAll()
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func directory(group: String) async throws -> FilePath {
        let cache = context.root.appending("templates")
        let tag = image.split(separator: ":").last.map(String.init) ?? image
        let key = "docker-\(tag)-\(user.userID)-layout-\(Self.layout)-\(group)"
        let finished = cache.appending(key)
        if FileManager.default.fileExists(atPath: finished.string) { return finished }
        try FileManager.default.createDirectory(atPath: cache.string, withIntermediateDirectories: true)
        let lock = try await FileLock.take(
            cache.appending("\(key).lock"), limit: Self.limit, in: context.environment)
        defer { lock.release() }
        if FileManager.default.fileExists(atPath: finished.string) { return finished }
        let building = context.directory.appending("template-\(group)")
        try FileManager.default.createDirectory(atPath: building.string, withIntermediateDirectories: true)
        user.own(building)
        try await build(building)
        // Only a whole template ever has the final name.
        guard rename(building.string, finished.string) == 0 else {
            throw FleetError.failed(
                "cannot move the Postgres template to \(finished): \(String(cString: strerror(errno)))")
        }
        return finished
    }

    private func build(_ directory: FilePath) async throws {
        let script = """
            initdb --pgdata=\(directory) --username=\(FleetDatabase.user) --auth=trust --encoding=UTF8 --locale=C \
            --wal-segsize=1 --no-sync --no-instructions && echo 'CREATE DATABASE \(FleetDatabase.database)' \
            | postgres --single -F -j -D \(directory) postgres
            """
        let arguments = ["run", "--rm", "--network", "none", "--volume", "\(directory):\(directory)"]
        try await docker.require(
            arguments + options + ["--entrypoint", "/bin/sh", image, "-c", script], limit: Self.limit)
    }

    private func copy(_ template: FilePath, to data: FilePath, node: String) async throws {
        #if os(Linux)
            let arguments = ["-a", "--reflink=auto", template.string, data.string]
        #else
            let arguments = ["-cRp", template.string, data.string]
        #endif
        let log = context.nodeDirectory(node).appending("copy.log")
        let spawn = Spawn(
            program: "/bin/cp", arguments: arguments, directory: context.nodeDirectory(node), output: log)
        guard try await spawn.run(limit: Self.limit, in: context.environment) == 0 else {
            throw FleetError.failed("cannot copy \(template) for \(node):\n\(LogFile(log).tail())")
        }
    }
}
