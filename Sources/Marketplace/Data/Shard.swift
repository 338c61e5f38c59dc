import Logging
import Postgres
import Resilience
import Synchronization

/// One shard: its nodes, what role each plays now, and how old its replicas are. Pings teach it; nothing is configured.
public final class Shard: Sendable {
    private struct Knowledge: Sendable {
        var roles = ShardRoles()
        var ages = ReplicationAges()
    }

    public let name: String
    /// Primary and replicas, whichever role each has now.
    public let nodes: [DatabaseNode]
    private let knowledge = Mutex(Knowledge())
    private let turns = ReplicaSet()
    private let environment: Environment
    private let logger: Logger

    /// Makes a shard whose roles are not known yet.
    public init(name: String, nodes: [DatabaseNode], environment: Environment, logger: Logger) {
        self.name = name
        self.nodes = nodes
        self.environment = environment
        self.logger = logger
    }

    /// Who is primary and who follows, as far as is known.
    public var roles: ShardRoles { knowledge.withLock { $0.roles } }

    /// The node that takes writes, as far as is known.
    public var primary: DatabaseNode? { roles.primary.map { nodes[$0] } }

    /// Whether there is a primary that answers.
    public var isWritable: Bool { primary?.dependency.isAvailable ?? false }

    /// The nodes that the next read asks, in order.
    func readers(usesReplicas: Bool) -> [Int] {
        turns.order(of: roles, usesReplicas: usesReplicas)
    }

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

    /// Asks a node how it is and learns from the answer.
    /// - Throws: `PostgresError` when there is none in time.
    func ping(_ node: Int, deadline: ContinuousClock.Instant) async throws {
        learn(try await nodes[node].postgres.ping(deadline: deadline), of: node)
    }

    /// Asks every node at once who it is: at the start, and when the primary turns out to be none.
    func discover(deadline: ContinuousClock.Instant) async {
        let answer = await PrimaryFinder.find(among: nodes.map(\.postgres), deadline: deadline)
        for (index, node) in nodes.enumerated() {
            if case .success(let status) = answer.statuses[node.name] { learn(status, of: index) }
        }
    }

    /// Takes a refusal to write as news.
    func disownPrimary(_ node: Int) {
        knowledge.withLock { $0.roles.disown(node) }
    }

    private func learn(_ status: ServerStatus, of node: Int) {
        let now = environment.now()
        let (before, after) = knowledge.withLock { knowledge in
            let before = knowledge.roles.primary
            knowledge.roles.learn(status, of: node)
            if knowledge.roles.primary == node {
                knowledge.ages.samplePrimary(status.walPosition, at: now)
            } else if status.inRecovery {
                knowledge.ages.sampleReplica(node, status.walPosition)
            }
            return (before, knowledge.roles.primary)
        }
        if before != after {
            let name = after.map { nodes[$0].name } ?? "none"
            logger.notice("primary found", metadata: ["shard": "\(self.name)", "primary": "\(name)"])
        }
    }
}
