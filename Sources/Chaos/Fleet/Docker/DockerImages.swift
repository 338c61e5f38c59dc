import SystemPackage

/// The tags of a fleet's images, as `Fixtures/docker/images` makes and names them.
struct DockerImages: Codable, Sendable, Equatable {
    var postgres: String
    var redis: String
    /// The project's programs: services, set-up commands and the proxy.
    var server: String

    /// A first build on a slow line.
    static let limit = Duration.seconds(1_800)
    private static let script = "Fixtures/docker/images"

    /// Builds what is missing.
    /// - Parameter programs: files to put into the server image.
    static func ensure(_ programs: [FilePath], with docker: DockerCommand) async throws -> DockerImages {
        guard let script = BundledFiles.find(script) else {
            throw FleetError.failed(
                """
                cannot find \(script) above the working directory or the program: run chaos within the project, or use \
                --runtime process
                """)
        }
        let answer = try await docker.ask(script, ["--programs"] + programs.map(\.string), limit: limit)
        guard answer.isWell else {
            throw FleetError.failed("cannot make the images of a docker fleet:\n\(indented(answer.error))")
        }
        var tags: [Substring: String] = [:]
        for line in answer.output.split(separator: "\n") {
            let sides = line.split(separator: "=", maxSplits: 1)
            if sides.count == 2 { tags[sides[0]] = String(sides[1]) }
        }
        guard let postgres = tags["postgres"], let redis = tags["redis"], let server = tags["server"] else {
            throw FleetError.failed("\(script) did not name its images; it printed: \(answer.output)")
        }
        return DockerImages(postgres: postgres, redis: redis, server: server)
    }

    /// The last lines of a build's output.
    private static func indented(_ text: String) -> String {
        text.split(separator: "\n").suffix(12).map { "  | \($0)" }.joined(separator: "\n")
    }
}
