import Synchronization

/// Ends a group's primary for good and promotes the replica that has received most. Healed by bringing the old primary
/// back as a replica of the new one; the roles stay changed.
struct PromoteFault: FaultMechanism {
    static let summary = FaultSummary(
        name: .promote,
        effect: "ends a group's primary and promotes the replica that received most; heal brings the old one back as "
            + "a replica, and the roles stay changed",
        targets: "a Postgres group (shard-0) or one of its nodes",
        parameters: [
            .init(name: "after", standard: "0ms", meaning: "how long the group is without a primary before, to 60s")
        ])

    let group: PostgresGroup
    let outage: Duration
    /// What the promotion may have cost, for the evidence of this process's looks.
    private let report = PromotionReport()

    init(_ fault: Fault, on target: FaultTarget, in topology: Topology) throws(FleetError) {
        let nodes = try target.nodes(for: .promote, in: topology)
        let groups = PostgresGroup.all(in: topology).filter { $0.nodes.contains { nodes.contains($0) } }
        guard groups.count == 1, let group = groups.first, nodes.allSatisfy(group.nodes.contains) else {
            throw .usage("promote acts on one Postgres group: name it or one of its nodes, not \(target)")
        }
        guard !group.replicas.isEmpty else { throw .usage("\(group.name) has no replica that could be promoted") }
        self.group = group
        outage = try fault.duration("after", standard: .zero, in: .zero ... .seconds(60))
    }

    func inject(_ id: String, at site: FleetSite) async throws {
        let promotion = Promotion(group: group, site: site)
        let outcome = try await promotion.perform(after: outage)
        report.outcome.withLock { $0 = outcome }
    }

    /// What follows a promotion, pointing the others at the new primary, takes its time and is none of it.
    var tookEffect: ContinuousClock.Instant? { report.outcome.withLock { $0?.moment } }

    /// In force when one node leads, the fenced one is gone, and all that run follow the leader's timeline.
    func look(_ id: String, at site: FleetSite) async -> FaultLook {
        let standing = await GroupStanding.survey(group, at: site)
        let isFenced = standing.members.contains { $0.isEndedPrimary }
        return FaultLook(
            isSo: standing.isOfOneMind && isFenced, evidence: standing.description + report.text)
    }

    func heal(_ id: String, at site: FleetSite) async throws {
        try await Promotion(group: group, site: site).restore(except: id)
    }

    /// Healed when every node runs, and all but one follow that one.
    func lookHealed(_ id: String, at site: FleetSite) async -> FaultLook {
        let standing = await GroupStanding.survey(group, at: site)
        return FaultLook(
            isSo: standing.isOfOneMind && standing.members.allSatisfy { $0.state == .running },
            evidence: standing.description)
    }
}

/// What is known only to the process that promoted; a fault itself is a value, and copied.
private final class PromotionReport: Sendable {
    let outcome = Mutex<Promotion.Outcome?>(nil)
    var text: String { outcome.withLock { $0.map { "; \($0)" } ?? "" } }
}
