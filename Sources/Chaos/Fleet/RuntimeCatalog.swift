/// The runtimes there are. A new one is named here and in ``RuntimeKind``.
enum RuntimeCatalog {
    static func make(_ kind: RuntimeKind, context: FleetContext) throws(FleetError) -> any Runtime {
        switch kind {
        case .process: ProcessRuntime(context: context)
        case .docker: throw .usage("the docker runtime is not in this build: use --runtime process")
        }
    }

    /// What to use when the caller has no wish: docker when a daemon answers.
    static func automatic(_ environment: FleetEnvironment) async -> RuntimeKind { .process }

    /// What ``Doctor`` says of docker.
    static func dockerFindings(_ environment: FleetEnvironment) async -> [Doctor.Finding] {
        [Doctor.Finding(what: "docker", isWell: false, says: "not in this build", neededBy: [.docker])]
    }
}
