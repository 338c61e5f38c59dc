import Foundation
import SystemPackage

/// What a docker fleet has to remember beside its ledger, in a file of its directory: which daemon it was started on,
/// which images it is made from, and where its proxy is. Whoever tidies up may have another environment.
struct DockerPlace: Codable, Sendable, Equatable {
    /// DOCKER_HOST and the like.
    var daemon: [String: String]
    var images: DockerImages
    /// The proxy's address within the fleet's network; a number, so that no name has to be looked up in a fault.
    var proxyAddress: String?

    /// Variables that choose a daemon (docker's own documentation of its command line).
    static let daemonVariables = [
        "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION",
    ]

    static func file(_ context: FleetContext) -> FilePath { context.directory.appending("docker.json") }

    /// Nil before the fleet was prepared.
    static func load(_ context: FleetContext) -> DockerPlace? {
        guard let data = FileManager.default.contents(atPath: file(context).string) else { return nil }
        return try? JSONDecoder().decode(DockerPlace.self, from: data)
    }

    func save(_ context: FleetContext) throws {
        try JSONEncoder().encode(self).write(to: URL(filePath: Self.file(context).string), options: .atomic)
    }
}
