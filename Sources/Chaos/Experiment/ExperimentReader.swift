import SystemPackage

/// Reads experiment files and says everything that is wrong with them before anything is started.
public struct ExperimentReader {
    let topology: Topology

    /// - Parameter topology: names of targets, dependencies and groups are checked against it.
    public init(topology: Topology) { self.topology = topology }

    /// All problems of one file.
    public struct Failure: Error, CustomStringConvertible {
        /// Everything that is wrong, in the order of the document.
        public var problems: [DocumentProblem]

        /// Makes the error from what was found.
        public init(problems: [DocumentProblem]) { self.problems = problems }

        public var description: String { problems.map(\.description).joined(separator: "\n") }
    }

    /// - Throws: ``Failure`` with every problem found.
    public func read(_ path: FilePath) throws(Failure) -> Experiment {
        let document: Document
        do { document = try Document(contentsOf: path) } catch { throw Failure(problems: [error]) }
        return try read(document)
    }

    /// - Parameter path: what problems call the text; its ending tells JSON from YAML.
    public func read(text: String, path: String) throws(Failure) -> Experiment {
        let document: Document
        do { document = try Document(text: text, path: path) } catch { throw Failure(problems: [error]) }
        return try read(document)
    }

    private func read(_ document: Document) throws(Failure) -> Experiment {
        document.allow([
            "version", "title", "description", "tags", "configuration", "secrets", "contributions",
            "steady-state-hypothesis", "method", "rollbacks", "runtime", "controls", "extensions",
        ])
        for unsupported in ["secrets", "controls", "runtime"] {
            document.optional(unsupported)?.problem("is not supported; take it out")
        }
        if let version = document.optional("version")?.string, version != "1.0.0" {
            document.optional("version")?.problem("is \(version); this release reads 1.0.0")
        }
        let title = document.required("title")?.string ?? ""
        let activities = ActivityReader(topology: topology)
        let experiment = Experiment(
            name: FilePath(document.path).stem ?? title, path: document.path, title: title,
            description: document.required("description")?.string ?? "",
            tags: document.optional("tags")?.elements.compactMap(\.string) ?? [],
            configuration: configuration(document.optional("configuration")),
            steadyState: document.optional("steady-state-hypothesis").map { hypothesis($0, activities) },
            method: document.required("method")?.elements.compactMap { activities.read($0, in: .method) } ?? [],
            rollbacks: document.optional("rollbacks")?.elements.compactMap { activities.read($0, in: .rollbacks) }
                ?? [],
            plan: PlanReader(topology: topology).read(document))
        let faults = experiment.method.filter { if case .chaos = $0.provider { true } else { false } }
        if faults.count > 1 {
            document.optional("method")?.problem(
                "has \(faults.count) faults; an experiment breaks one thing, so make it \(faults.count) experiments")
        }
        guard document.problems.isEmpty else { throw Failure(problems: document.problems) }
        return experiment
    }

    private func hypothesis(_ document: Document, _ activities: ActivityReader) -> Experiment.Hypothesis {
        document.allow(["title", "probes"])
        return Experiment.Hypothesis(
            title: document.required("title")?.string ?? "",
            probes: document.required("probes")?.elements.compactMap { activities.read($0, in: .hypothesis) } ?? [])
    }

    private func configuration(_ document: Document?) -> [String: String] {
        guard let document else { return [:] }
        guard let members = document.value.object else {
            document.problem("must be a mapping, not \(document.value.kind)")
            return [:]
        }
        return members.mapValues { $0.string ?? $0.text }
    }
}
