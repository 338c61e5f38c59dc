/// Stops every process of a node where it stands: it keeps its connections and answers nothing.
struct PauseFault: FaultMechanism {
    static let summary = FaultSummary(
        name: .pause, effect: "stops every process of a node where it stands; its connections stay open and silent",
        targets: "a node, all nodes of a group (shard-1), every node that fits (shard-0-replica-*)", parameters: [])

    let nodes: [String]
    /// The nodes' activity when the pause was seen; another later means that one ran in between. Filled by the first
    /// look.
    private let marks = FirstMarks()

    init(_ fault: Fault, on target: FaultTarget, in topology: Topology) throws(FleetError) {
        nodes = try target.nodes(for: .pause, in: topology)
    }

    func inject(_ id: String, at site: FleetSite) async throws {
        try await site.forEach(nodes) { try await site.runtime.pause($0) }
    }

    func look(_ id: String, at site: FleetSite) async -> FaultLook {
        await site.look(nodes) { node in
            do {
                let state = try await site.runtime.state(of: node)
                let evidence = "\(node) is \(state.rawValue): \(try await site.runtime.evidence(of: node))"
                guard state == .paused else { return FaultLook(isSo: false, evidence: evidence) }
                guard marks.isUnchanged(try await site.runtime.activityMark(of: node), of: node) else {
                    return FaultLook(isSo: false, evidence: "\(evidence); it has run since it was paused")
                }
                return FaultLook(isSo: true, evidence: evidence)
            } catch {
                return FaultLook(isSo: false, evidence: "cannot tell the state of \(node): \(error)")
            }
        }
    }

    func heal(_ id: String, at site: FleetSite) async throws {
        try await site.forEach(nodes) { node in
            let state = try await site.runtime.state(of: node)
            guard state == .paused || state == .partlyPaused else { return }
            try await site.runtime.resume(node)
        }
    }

    func lookHealed(_ id: String, at site: FleetSite) async -> FaultLook {
        await site.look(nodes) { await site.lookRunning($0) }
    }
}
