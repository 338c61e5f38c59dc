/// What `chaos status` tells.
extension Fleet {
    /// Looks at every node, link and fault now.
    public func status() async throws -> FleetStatus { try await site.status() }
}

extension FleetSite {
    /// How long one node may take to say its role; one that is paused says nothing.
    static let statusLimit = Duration.milliseconds(500)

    func status() async throws -> FleetStatus {
        let state = try context.ledger.state()
        var nodes: [String: FleetStatus.Node] = [:]
        try await withThrowingTaskGroup(of: FleetStatus.Node.self) { group in
            for node in context.topology.nodes { group.addTask { try await status(of: node, in: state) } }
            for try await node in group { nodes[node.name] = node }
        }
        var faults: [FleetStatus.FaultStatus] = []
        for record in state.faults {
            let look = try await mechanism(record).look(record.id, at: self)
            faults.append(
                FleetStatus.FaultStatus(
                    id: record.id, fault: record.fault.description, target: record.target.description,
                    since: record.since, until: record.until, verified: look.isSo))
        }
        return FleetStatus(
            fleet: context.name, runtime: runtime.kind, nodes: context.topology.nodes.compactMap { nodes[$0.name] },
            links: await links(), faults: faults)
    }

    private func status(of node: Topology.Node, in state: LedgerState) async throws -> FleetStatus.Node {
        let now = try await runtime.state(of: node.name)
        let started = state.nodes[node.name]
        let endpoint = try? await runtime.endpoint(of: node.name)
        var role: String?
        if now == .running, let endpoint {
            let probe = NodeProbe(node: node, endpoint: endpoint, environment: environment, limit: Self.statusLimit)
            role = try? await probe.role()
        }
        var status = FleetStatus.Node(name: node.name, role: role, address: endpoint?.description, state: now)
        switch started?.handle {
        case .process(let identity): status.pid = identity.pid
        case .container(let id): status.container = id
        case nil: break
        }
        return status
    }

    /// Empty when the proxy does not answer, since a status must be had of a broken fleet too.
    private func links() async -> [FleetStatus.Link] {
        guard let proxy = try? proxy(), let links = try? await proxy.links(deadline: controlDeadline()) else {
            return []
        }
        return links.values.sorted { $0.name < $1.name }.map { link in
            FleetStatus.Link(
                name: link.name, listen: link.listen, upstream: link.upstream, toxics: link.toxics.map(\.name))
        }
    }
}
