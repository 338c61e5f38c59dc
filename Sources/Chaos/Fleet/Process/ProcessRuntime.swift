import Foundation
import SystemPackage

/// A fleet of processes on this machine: Postgres and Redis as installed, services and the proxy as built.
///
/// Each node has a directory of its own, which is its working directory and holds its data, sockets and log. Data nodes
/// listen on a Unix socket only, so that there are no port races and nothing gets past the proxy by accident.
public struct ProcessRuntime: LocalRuntime {
    public let kind = RuntimeKind.process
    public let capabilities = Set(FaultKind.allCases)

    let context: FleetContext
    let executables: Executables

    /// Makes a runtime of local processes.
    public init(context: FleetContext) {
        self.context = context
        executables = Executables(variables: context.environment.variables)
    }

    var environment: FleetEnvironment { context.environment }

    /// How long an orderly stop may take before the node is killed.
    static let stopLimit = Duration.seconds(10)

    public func prepare() async throws {
        let user = try ServiceUser.needed()
        for node in context.topology.nodes {
            let directory = context.nodeDirectory(node.name)
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
            if node.kind != .service { user?.own(directory) }
        }
        try await checkPrograms()
        try await copyPostgresTemplates(user: user)
    }

    public func start(_ node: String) async throws -> StartedNode {
        let node = try context.node(node)
        switch node.kind {
        case .postgres: return try await startPostgres(node)
        case .redis: return try startRedis(node)
        case .service: return try startService(node)
        }
    }

    public func stop(_ node: String) async throws {
        let kind = try context.node(node).kind
        // Fast shutdown of Postgres, which does not wait for its clients to leave.
        try await tree(node).terminate(signal: kind == .postgres ? SIGINT : SIGTERM, within: Self.stopLimit)
    }

    public func pause(_ node: String) async throws { try await tree(node).pause() }

    public func resume(_ node: String) async throws { try await tree(node).resume() }

    public func kill(_ node: String) async throws {
        try await tree(node).kill()
        removeLeftovers(try context.node(node))
    }

    public func state(of node: String) async throws -> NodeState {
        let handle = try context.ledger.state().nodes[node]?.handle
        return handle == nil ? .absent : try tree(node).state()
    }

    public func evidence(of node: String) async throws -> String { try tree(node).evidence() }

    public func activityMark(of node: String) async throws -> String? { try tree(node).activityMark() }

    /// Only when no process of the node lives.
    func removeLeftovers(_ node: Topology.Node) {
        guard node.kind == .postgres, let socket = socket(of: node) else { return }
        PostgresLeftovers.remove(data: dataDirectory(node.name), socket: socket)
    }

    func tree(_ node: String) throws -> ProcessTree {
        var root: ProcessIdentity?
        if case .process(let identity) = try context.ledger.state().nodes[node]?.handle { root = identity }
        return ProcessTree(root: root, directory: context.nodeDirectory(node), environment: environment)
    }
}
