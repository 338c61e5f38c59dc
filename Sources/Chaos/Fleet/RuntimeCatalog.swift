/// The runtimes there are. A new one is named here and in ``RuntimeKind``.
enum RuntimeCatalog {
    static func make(_ kind: RuntimeKind, context: FleetContext) throws(FleetError) -> any Runtime {
        switch kind {
        case .process: ProcessRuntime(context: context)
        case .docker: DockerRuntime(context: context)
        }
    }

    /// What to use when the caller has no wish: docker when a daemon answers.
    static func automatic(_ environment: FleetEnvironment) async -> RuntimeKind {
        if case .success = await DockerDaemon.find(environment) { .docker } else { .process }
    }

    /// What ``Doctor`` says of docker.
    static func dockerFindings(_ environment: FleetEnvironment) async -> [Doctor.Finding] {
        switch await DockerDaemon.find(environment) {
        case .success(let version):
            [Doctor.Finding(what: "docker", isWell: true, says: "daemon \(version)", neededBy: [.docker])]
        case .failure(let error):
            [Doctor.Finding(what: "docker", isWell: false, says: error.description, neededBy: [.docker])]
        }
    }
}
