/// Whether docker can be used here.
enum DockerDaemon {
    /// A daemon that takes longer is not there for us.
    private static let limit = Duration.seconds(5)

    /// The daemon's version, or why there is none.
    static func find(_ environment: FleetEnvironment) async -> Result<String, FleetError> {
        guard let program = Executables(variables: environment.variables).onPath("docker") else {
            return .failure(.failed("no docker on PATH: apt-get install docker.io"))
        }
        let docker = DockerCommand(program: program, variables: environment.variables, environment: environment)
        do {
            let answer = try await docker.ask(["version", "--format", "{{.Server.Version}}"], limit: limit)
            guard answer.isWell else { return .failure(.failed("no docker daemon answers: \(answer.reason)")) }
            return .success(answer.output)
        } catch {
            return .failure(.failed("\(error)"))
        }
    }
}
