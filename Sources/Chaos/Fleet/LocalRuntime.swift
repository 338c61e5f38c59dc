import SystemPackage

/// A runtime whose nodes have their directories on this machine, each with the node's data, sockets and log.
protocol LocalRuntime: Runtime {
    var context: FleetContext { get }
}

extension LocalRuntime {
    public func endpoint(of node: String) async throws -> NodeEndpoint {
        let node = try context.node(node)
        if let socket = socket(of: node) { return .unix(socket.string) }
        guard let address = try context.ledger.state().nodes[node.name]?.address else {
            throw FleetError.failed("\(node.name) has not been started, so it has no address")
        }
        return .tcp(address)
    }

    public func logDirectory(of node: String) -> FilePath { context.nodeDirectory(node) }

    /// The log of one node: both output streams, over all its starts.
    func log(of node: String) -> FilePath { context.nodeDirectory(node).appending("\(node).log") }

    public func dataDirectory(_ node: String) -> FilePath { context.nodeDirectory(node).appending("data") }

    /// The socket of a data node; nil for a service.
    func socket(of node: Topology.Node) -> FilePath? {
        switch node.kind {
        case .postgres: context.nodeDirectory(node.name).appending(".s.PGSQL.5432")
        case .redis: context.nodeDirectory(node.name).appending("redis.sock")
        case .service: nil
        }
    }
}
