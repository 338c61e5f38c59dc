/// Ends every process of a node with no chance to tidy up. Healed by starting it again on the same data: a killed
/// primary comes back as primary.
struct KillFault: FaultMechanism {
    static let summary = FaultSummary(
        name: .kill, effect: "ends every process of a node at once; heal starts it again on the same data",
        targets: "a node, all nodes of a group (shard-1), every node that fits (shard-0-replica-*)", parameters: [])

    let nodes: [String]
    /// How long it may take to be ready again.
    static let startLimit = Duration.seconds(30)

    init(_ fault: Fault, on target: FaultTarget, in topology: Topology) throws(FleetError) {
        nodes = try target.nodes(for: .kill, in: topology)
    }

    func inject(_ id: String, at site: FleetSite) async throws {
        try await site.forEach(nodes) { try await site.runtime.kill($0) }
    }

    func look(_ id: String, at site: FleetSite) async -> FaultLook {
        await site.look(nodes) { node in
            do {
                let state = try await site.runtime.state(of: node)
                let evidence = "\(node) is \(state.rawValue): \(try await site.runtime.evidence(of: node))"
                return FaultLook(isSo: state == .exited || state == .absent, evidence: evidence)
            } catch {
                return FaultLook(isSo: false, evidence: "cannot tell the state of \(node): \(error)")
            }
        }
    }

    func heal(_ id: String, at site: FleetSite) async throws {
        try await site.forEach(nodes) { node in
            let state = try await site.runtime.state(of: node)
            guard state == .exited || state == .absent else { return }
            try await site.start(node, limit: Self.startLimit)
        }
    }

    func lookHealed(_ id: String, at site: FleetSite) async -> FaultLook {
        await site.look(nodes) { await site.lookRunning($0) }
    }
}
