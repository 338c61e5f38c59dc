import SystemPackage

/// A fleet's means to act: its runtime and its proxy. The controller, its guardian and a later `chaos heal` work with
/// the same one, made from the ledger.
public struct FleetSite: Sendable {
    /// Name, directory, topology and ledger of the fleet.
    public let context: FleetContext
    /// What its nodes run on.
    public let runtime: any Runtime

    /// The proxy's name in the ledger.
    static let proxyName = "proxy"
    /// How often a service that found its port taken is started again with another.
    static let portAttempts = 3
    /// How long one call of the proxy's control API may take.
    static let controlLimit = Duration.seconds(5)

    init(context: FleetContext) throws(FleetError) {
        guard let header = try context.ledger.state().header else {
            throw .failed(
                "the ledger \(context.ledger.path) has no first line: remove the fleet with `chaos down --all`")
        }
        self.context = context
        runtime = try RuntimeCatalog.make(header.runtime, context: context)
    }

    /// From a fleet's directory alone.
    init(name: String, root: FilePath, environment: FleetEnvironment) throws(FleetError) {
        let ledger = Ledger(path: FleetDirectory.ledger(name, root: root))
        guard let header = try ledger.state().header else {
            throw .failed("the ledger \(ledger.path) has no first line: remove the fleet with `chaos down --all`")
        }
        try self.init(
            context: FleetContext(
                name: name, topology: header.topology, root: root, passedVariables: header.passedVariables,
                ledger: ledger, environment: environment))
    }

    var environment: FleetEnvironment { context.environment }

    /// The proxy's control client.
    public func proxy() throws -> ProxyControl {
        guard let address = try context.ledger.state().nodes[Self.proxyName]?.address else {
            throw FleetError.failed("the proxy of the fleet \(context.name) has not been started")
        }
        return ProxyControl(address, now: environment.now)
    }

    /// A deadline for one call of the control API.
    func controlDeadline() -> ContinuousClock.Instant { environment.now() + Self.controlLimit }

    func startProxy() async throws {
        try context.ledger.append(.starting(node: Self.proxyName))
        let (handle, control) = try await runtime.startProxy()
        try context.ledger.append(
            .started(node: Self.proxyName, as: StartedNode(handle: handle, address: control)))
    }

    /// Starts a node and returns when it can do its work.
    /// - Throws: ``FleetError`` with the end of its log when it ends or is not ready within `limit`.
    func start(_ name: String, limit: Duration) async throws {
        let node = try context.node(name)
        for attempt in 1... {
            try context.ledger.append(.starting(node: name))
            let started = try await runtime.start(name)
            try context.ledger.append(.started(node: name, as: started))
            do {
                try await awaitReady(node, limit: limit)
                break
            } catch let error as NodeEnded {
                guard node.kind == .service, attempt < Self.portAttempts, error.foundPortTaken else {
                    throw FleetError.failed(error.description)
                }
            }
        }
        if node.kind == .postgres, node.replicaOf == nil { try await createSlots(on: node) }
    }

    /// Returns when the node answers as it should; sees at once when it has ended instead.
    func awaitReady(_ node: Topology.Node, limit: Duration) async throws {
        let end = environment.now() + limit
        var reason = "it was not asked"
        var pause = Duration.milliseconds(5)
        while environment.now() < end {
            do {
                let endpoint = try await runtime.endpoint(of: node.name)
                _ = try await NodeProbe(node: node, endpoint: endpoint, environment: environment).role()
                return
            } catch {
                try Task.checkCancellation()
                reason = "\(error)"
            }
            if [.exited, .absent].contains(try await runtime.state(of: node.name)) {
                throw NodeEnded(node: node.name, log: logTail(of: node.name))
            }
            try await environment.sleep(pause)
            pause = min(pause * 2, .milliseconds(50))
        }
        throw FleetError.failed(
            "\(node.name) was not ready within \(limit): \(reason). The end of its log:\n\(logTail(of: node.name))")
    }

    /// A slot for each sibling, so that a replica that was away finds the WAL it missed, and any may follow any.
    func createSlots(on node: Topology.Node) async throws {
        let siblings = context.topology.siblings(of: node)
        guard !siblings.isEmpty else { return }
        let names = siblings.map { "('\(PostgresConfiguration.slot(of: $0.name))')" }.joined(separator: ", ")
        _ = try await postgres(node.name).query(
            """
            SELECT pg_create_physical_replication_slot(name) FROM (VALUES \(names)) AS wanted (name) \
            WHERE name NOT IN (SELECT slot_name FROM pg_replication_slots) AND NOT pg_is_in_recovery()
            """)
    }

    func postgres(_ node: String) async throws -> PostgresProbe {
        PostgresProbe(endpoint: try await runtime.endpoint(of: node), environment: environment)
    }

    /// Returns when the replica has replayed what its primary has written by now.
    func awaitCaughtUp(_ replica: Topology.Node, limit: Duration) async throws {
        guard let primary = replica.replicaOf else { return }
        let rows = try await postgres(primary).query("SELECT pg_current_wal_flush_lsn()")
        let position = rows.first?.first.flatMap(\.self) ?? "0/0"
        let end = environment.now() + limit
        while environment.now() < end {
            let sql = "SELECT pg_last_wal_replay_lsn() >= '\(position)'"
            if try await postgres(replica.name).query(sql).first?.first == "t" { return }
            try await environment.sleep(.milliseconds(5))
        }
        throw FleetError.failed(
            "\(replica.name) has not replayed \(position) within \(limit):\n\(logTail(of: replica.name))")
    }

    /// The last lines of everything in the node's log directory that is a log.
    func logTail(of node: String) -> String {
        LogFile(runtime.logDirectory(of: node).appending("\(node).log")).tail()
    }
}

/// A node's processes ended where it should have become ready.
struct NodeEnded: Error, CustomStringConvertible {
    var node: String
    var log: String

    var foundPortTaken: Bool { log.lowercased().contains("address already in use") || log.contains("EADDRINUSE") }

    var description: String {
        "\(node) ended instead of becoming ready. The end of its log:\n\(log)"
    }
}
