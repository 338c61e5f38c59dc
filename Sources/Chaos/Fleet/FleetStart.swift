import Foundation
import SystemPackage

/// Starts a fleet: directory, ledger, guardian; then the proxy; then data nodes side by side; then the set-up commands;
/// then services side by side.
struct FleetStart: Sendable {
    let topology: Topology
    let options: FleetOptions

    private var environment: FleetEnvironment { options.environment }

    func run() async throws -> Fleet {
        try topology.validate()
        let started = environment.now()
        let root = try FleetDirectory.prepared(options.root)
        let site = try await makeSite(root: root)
        let lease = GuardianLease(context: site.context)
        do {
            try await lease.open()
            try await startAll(site)
            try site.context.ledger.append(.ready)
            options.progress("fleet \(site.context.name) is ready")
            return Fleet(site: site, lease: lease, startDuration: environment.now() - started)
        } catch {
            await lease.close()
            let removal = FleetRemoval(name: site.context.name, root: root, environment: environment)
            // Apart from this task, which may have been cancelled.
            try? await Task { try await removal.remove() }.value
            throw error
        }
    }

    /// Takes the fleet's name by creating its directory, and writes the first line.
    private func makeSite(root: FilePath) async throws -> FleetSite {
        var chosen = options.runtime
        if chosen == nil { chosen = await RuntimeCatalog.automatic(environment) }
        let name = try takeName(root: root)
        let directory = FleetDirectory.fleet(name, root: root)
        do {
            let context = FleetContext(
                name: name, topology: topology, root: root, passedVariables: passedVariables,
                ledger: Ledger(path: FleetDirectory.ledger(name, root: root)), environment: environment)
            try PathLimits.check(context)
            _ = FileManager.default.createFile(atPath: context.ledger.path.string, contents: nil)
            try context.ledger.append(
                .fleet(
                    LedgerHeader(
                        name: name, runtime: chosen ?? .process, topology: topology, passedVariables: passedVariables,
                        isKept: options.isKept, controller: ProcessTable.own)))
            return try FleetSite(context: context)
        } catch {
            try? FileManager.default.removeItem(atPath: directory.string)
            throw error
        }
    }

    private func takeName(root: FilePath) throws(FleetError) -> String {
        if let name = options.name {
            guard Topology.isName(name, limit: Fleet.nameLimit) else {
                throw .usage("the fleet name `\(name)` must be lower-case letters, digits and hyphens, 20 at most")
            }
            guard mkdir(FleetDirectory.fleet(name, root: root).string, 0o755) == 0 else {
                guard errno == EEXIST else { throw .failed("cannot create the fleet \(name) in \(root)") }
                throw .usage(
                    "a fleet named \(name) exists: end it with `chaos down --fleet \(name)` or choose another name")
            }
            return name
        }
        for _ in 0..<100 {
            let digits = String(environment.random() % 10_000)
            let name =
                "\(topology.name.prefix(Fleet.nameLimit - 5))-"
                + "\(String(repeating: "0", count: 4 - digits.count))\(digits)"
            if mkdir(FleetDirectory.fleet(name, root: root).string, 0o755) == 0 { return name }
            guard errno == EEXIST else {
                throw .failed("cannot create a fleet in \(root): \(String(cString: strerror(errno)))")
            }
        }
        throw .failed("no free fleet name below \(root): remove what is left there with `chaos down --all`")
    }

    private var passedVariables: [String: String] {
        environment.variables.filter { $0.key.hasPrefix("FEATURE_") || $0.key.hasPrefix("MARKETPLACE_") }
            .merging(options.variables) { $1 }
    }

    private func startAll(_ site: FleetSite) async throws {
        try await step("preparing", site.runtime.prepare)
        // Preparing has limits of its own: the first time it may build images.
        let end = environment.now() + options.readyLimit
        try await step("proxy", site.startProxy)
        let data = topology.nodes.filter { $0.kind != .service }
        try await step("\(data.count) data nodes") { try await start(data, at: site, end: end) }
        for command in topology.setup {
            try await step(command.command.joined(separator: " ")) { _ = try await site.runtime.run(command) }
        }
        let services = topology.nodes.filter { $0.kind == .service }
        if !services.isEmpty {
            try await step("\(services.count) services") { try await start(services, at: site, end: end) }
        }
        for replica in data where replica.replicaOf != nil {
            try await site.awaitCaughtUp(replica, limit: end - environment.now())
        }
    }

    private func start(_ nodes: [Topology.Node], at site: FleetSite, end: ContinuousClock.Instant) async throws {
        try await withThrowingTaskGroup { group in
            for node in nodes {
                group.addTask { try await site.start(node.name, limit: end - environment.now()) }
            }
            for try await _ in group {}
        }
    }

    private func step(_ what: String, _ body: () async throws -> Void) async throws {
        let began = environment.now()
        try await body()
        options.progress("\(what): \((environment.now() - began).wholeMilliseconds) ms")
    }
}
