/// Looks at what the server depends on. It asks nobody: the monitors have, a moment ago.
struct HealthStore: Sendable {
    let watch: MapWatch
    let cache: Dependency?
    let connections: Connections
    let warmUp: WarmUp
    let drain: Drain
    let environment: Environment

    /// Ready while every shard can be read; a shard that takes no writes is told by its breakers and does not make the
    /// server useless, and the cache can be done without.
    var readiness: Readiness {
        var readiness = Readiness()
        if !connections.hasStarted { readiness.reasons.append("starting") }
        if connections.hasStarted, warmUp.holdsReadiness { readiness.reasons.append("warming up") }
        if drain.isDraining { readiness.reasons.append("stopping") }
        let router = watch.router
        readiness.shardMap = (router.map.version, router.origin.name)
        if router.origin == .none { readiness.reasons.append("no shard map: neither central nor a shard has one") }
        if let complaint = router.complaint { readiness.reasons.append(complaint) }
        // Only logins need central, so that it is told and never counts.
        for node in watch.central?.shard.nodes ?? [] { add(node.dependency, to: &readiness) }
        for shard in router.shards {
            let roles = shard.roles
            if !shard.nodes.contains(where: { $0.dependency.isAvailable }) || roles == ShardRoles() {
                readiness.reasons.append("\(shard.name): no node answers")
            }
            for (index, node) in shard.nodes.enumerated() {
                add(node.dependency, to: &readiness)
                guard roles.replicas.contains(index), let age = shard.age(of: index) else { continue }
                readiness.replicas.append((node.name, (age.seconds * 1000).rounded() / 1000))
            }
        }
        if let cache { add(cache, to: &readiness) }
        return readiness
    }

    private func add(_ dependency: Dependency, to readiness: inout Readiness) {
        readiness.breakers.append((dependency.name, dependency.breaker.phase))
        readiness.queueDepth += dependency.bulkhead?.waiting ?? 0
    }
}
