/// One of several nodes, and what was seen of it.
private struct NodeLook: Sendable {
    var node: String
    var look: FaultLook
}

/// What the faults on nodes share: acting on several at once, and seeing them all.
extension FleetSite {
    /// Does it to every node at the same time, also when it fails for one.
    /// - Throws: the first failure, once all are done.
    func forEach(_ nodes: [String], _ body: @escaping @Sendable (String) async throws -> Void) async throws {
        let failures = await withTaskGroup(of: (any Error)?.self) { group in
            for node in nodes {
                group.addTask {
                    do {
                        try await body(node)
                        return nil
                    } catch { return error }
                }
            }
            return await group.reduce(into: [any Error]()) { if let failure = $1 { $0.append(failure) } }
        }
        if let first = failures.first { throw first }
    }

    /// Looks at every node at the same time: so only when it is so for all of them.
    func look(_ nodes: [String], _ body: @escaping @Sendable (String) async -> FaultLook) async -> FaultLook {
        let looks = await withTaskGroup(of: NodeLook.self) { group in
            for node in nodes { group.addTask { NodeLook(node: node, look: await body(node)) } }
            return await group.reduce(into: [String: FaultLook]()) { $0[$1.node] = $1.look }
        }
        return FaultLook(
            isSo: !looks.isEmpty && looks.values.allSatisfy(\.isSo),
            evidence: nodes.compactMap { looks[$0]?.evidence }.joined(separator: "; "))
    }

    /// Whether a node works again after a fault on it.
    func lookRunning(_ name: String) async -> FaultLook {
        do {
            let node = try context.node(name)
            let state = try await runtime.state(of: name)
            guard state == .running else { return FaultLook(isSo: false, evidence: "\(name) is \(state.rawValue)") }
            let endpoint = try await runtime.endpoint(of: name)
            let role = try await NodeProbe(node: node, endpoint: endpoint, environment: environment).role()
            return FaultLook(isSo: true, evidence: "\(name) runs and answers as \(role)")
        } catch {
            return FaultLook(isSo: false, evidence: "\(name) runs and is not ready: \(error)")
        }
    }
}
