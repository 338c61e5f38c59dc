import Logging
import Postgres
import Resilience
import Synchronization

/// One shard: its nodes, what role each plays now, and how old its replicas are. Pings teach it; nothing is configured.
public final class Shard: Sendable {
    public let name: String
    /// Primary and replicas, whichever role each has now.
    public let nodes: [DatabaseNode]
    let hedging = Mutex(HedgeState())
    private let knowledge = Mutex(ShardKnowledge())
    /// The newest timeline, for those who ask with every read that a cache answers.
    private let newestTimeline = Atomic<UInt32>(0)
    private let set: ReplicaSet
    /// Nil: data of any age is good enough.
    private let staleBound: Duration?
    private let ageGauges: [Gauge]
    private let environment: Environment
    private let logger: Logger

    /// Makes a shard whose roles are not known yet.
    public init(
        name: String, nodes: [DatabaseNode], replicas: ReplicaSettings = ReplicaSettings(),
        features: Features = Features(), metrics: MarketplaceMetrics = MarketplaceMetrics(), environment: Environment,
        logger: Logger
    ) {
        self.name = name
        self.nodes = nodes
        self.environment = environment
        self.logger = logger
        set = ReplicaSet(replicas.selection)
        staleBound = features[.staleBound] ? replicas.staleBound : nil
        ageGauges = nodes.map { metrics.replicaAge(node: $0.name) }
    }

    /// Who is primary and who follows, as far as is known.
    public var roles: ShardRoles { knowledge.withLock { $0.roles } }

    /// The node that takes writes, as far as is known.
    public var primary: DatabaseNode? { roles.primary.map { nodes[$0] } }

    /// Whether a promotion has left this position behind, so that what was read there may never have been.
    func hasLost(_ position: ShardPosition) -> Bool {
        guard newestTimeline.load(ordering: .relaxed) > position.timeline else { return false }
        return roles.history.hasLost(position)
    }

    /// Whether there is a primary that answers.
    public var isWritable: Bool { primary?.dependency.isAvailable ?? false }

    /// How old the data of a node is: nothing for the primary, nil when it is not known.
    public func age(of node: Int) -> Duration? {
        let now = environment.now()
        return knowledge.withLock { $0.roles.primary == node ? .zero : $0.ages.age(of: node, at: now) }
    }

    /// The header `Degraded` of a read while nobody takes writes; nil when all is well.
    /// - Parameter node: the one that served it; nil for the cache, which is as old as the last sign of the primary.
    func degradation(of node: Int?) -> String? {
        guard !isWritable else { return nil }
        let now = environment.now()
        let age = knowledge.withLock { knowledge in
            node.flatMap { knowledge.ages.age(of: $0, at: now) } ?? knowledge.ages.sincePrimary(at: now)
        }
        guard let age else { return "read-only" }
        return "read-only; age=\((age.seconds * 10).rounded() / 10)"
    }
}

// MARK: Reading

extension Shard {
    /// Which nodes the next read asks, in order.
    /// - Parameter requirement: what the answer must at least have seen.
    func plan(usesReplicas: Bool, requirement: ShardPosition?) -> ReadPlan {
        let now = environment.now()
        return knowledge.withLock { knowledge in
            let primary = knowledge.roles.primary
            let answers = primary.map { nodes[$0].dependency.isAvailable } ?? false
            let order =
                usesReplicas
                ? set.order(
                    knowledge.roles.replicas.filter { nodes[$0].dependency.isAvailable }, random: environment.random
                ) { nodes[$0].load.outstanding } : []
            let replicas = order.map { knowledge.view(of: $0, staleBound, primaryAnswers: answers, now) }
            return ReadPlan(
                primary: primary, replicas: replicas, requirement: requirement, history: knowledge.roles.history)
        }
    }

    /// Counts a refusal for each node that the read would ask if its breaker were closed, or its data younger.
    func countUnavailable(usesReplicas: Bool) {
        if usesReplicas {
            let now = environment.now()
            let old = knowledge.withLock { knowledge in
                let answers = knowledge.roles.primary.map { nodes[$0].dependency.isAvailable } ?? false
                return knowledge.roles.replicas.filter {
                    nodes[$0].dependency.isAvailable
                        && !knowledge.view(of: $0, staleBound, primaryAnswers: answers, now).isInRotation
                }
            }
            for index in old { nodes[index].dependency.countSkip() }
        }
        for (index, node) in nodes.enumerated() where !node.dependency.isAvailable {
            let roles = roles
            if roles.primary == index || usesReplicas && roles.replicas.contains(index) {
                node.dependency.countRefusal()
            }
        }
    }

    /// What the data of a node surely has, by its latest ping.
    func position(of node: Int) -> ShardPosition? {
        knowledge.withLock { $0.roles.positions[node] }
    }

    /// A node was seen further than its latest ping said.
    func advance(_ node: Int, to position: ShardPosition) {
        knowledge.withLock { $0.roles.advance(node, to: position) }
    }
}

// MARK: Learning

extension Shard {
    /// Asks a node how it is and learns from the answer.
    /// - Throws: `PostgresError` when there is none in time.
    func ping(_ node: Int, deadline: ContinuousClock.Instant) async throws {
        let asked = environment.now()
        defer { showAges() }
        do throws(PostgresError) {
            let status = try await nodes[node].postgres.ping(deadline: deadline)
            try await learn(status, of: node, asked: asked, deadline: deadline)
        } catch {
            knowledge.withLock { $0.roles.forgetPosition(of: node) }
            throw error
        }
    }

    /// Asks every node at once who it is: at the start, and when the primary turns out to be none.
    func discover(deadline: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            for index in nodes.indices {
                group.addTask { try? await self.ping(index, deadline: deadline) }
            }
        }
    }

    /// Takes a refusal to write as news.
    func disownPrimary(_ node: Int) {
        knowledge.withLock { $0.roles.disown(node) }
    }

    private func learn(
        _ status: ServerStatus, of node: Int, asked: ContinuousClock.Instant, deadline: ContinuousClock.Instant
    ) async throws(PostgresError) {
        var history: TimelineHistory?
        if knowledge.withLock({ $0.roles.needsHistory(status, of: node) }) {
            history = try await nodes[node].history(of: status.timeline, deadline: deadline)
        }
        let (before, after) = knowledge.withLock { knowledge in
            let before = knowledge.roles.primary
            knowledge.roles.learn(status, of: node, history: history)
            newestTimeline.store(knowledge.roles.timeline, ordering: .relaxed)
            if knowledge.roles.primary == node {
                let position = ShardPosition(timeline: status.timeline, wal: status.walPosition)
                knowledge.ages.samplePrimary(position, at: asked)
                knowledge.commits.learn(status.commitWait)
            } else if status.inRecovery {
                knowledge.ages.sampleReplica(node, status.walPosition)
            }
            return (before, knowledge.roles.primary)
        }
        if before != after {
            let name = after.map { nodes[$0].name } ?? "none"
            logger.notice(
                "primary found",
                metadata: ["shard": "\(self.name)", "primary": "\(name)", "timeline": "\(status.timeline)"])
        }
    }

    private func showAges() {
        let now = environment.now()
        let ages = knowledge.withLock { knowledge in
            nodes.indices.map { knowledge.roles.primary == $0 ? .zero : knowledge.ages.age(of: $0, at: now) }
        }
        for (gauge, age) in zip(ageGauges, ages) {
            if let age { gauge.set(age.seconds) }
        }
    }
}

// MARK: Durable commits

extension Shard {
    /// Whether a commit waits for a replica.
    var isDurable: Bool { knowledge.withLock { $0.commits.isDurable } }

    /// Whether a commit would wait for a replica that is not there.
    var isCommitHeld: Bool {
        let now = environment.now()
        let roles = roles
        let isAnyReplicaThere = roles.replicas.contains { nodes[$0].dependency.isAvailable }
        return knowledge.withLock { $0.commits.isHeld(isAnyReplicaThere: isAnyReplicaThere, at: now) }
    }

    /// A commit ended without a replica's word.
    func commitWasNotConfirmed() {
        let now = environment.now()
        knowledge.withLock { $0.commits.wasNotConfirmed(at: now) }
    }
}
