import Postgres
import Synchronization

/// One Postgres server of a shard, with what guards it.
public struct DatabaseNode: Sendable {
    /// The client.
    public let postgres: PostgresNode
    /// Its breaker, bulkhead and counters.
    public let dependency: Dependency
    /// Reads that are under way on it.
    let load = NodeLoad()

    public var name: String { dependency.name }

    /// Puts a node together.
    public init(postgres: PostgresNode, dependency: Dependency) {
        self.postgres = postgres
        self.dependency = dependency
    }
}

/// How many calls a node has under way.
final class NodeLoad: Sendable {
    private let count = Atomic<Int>(0)

    var outstanding: Int { count.load(ordering: .relaxed) }
    func began() { count.wrappingAdd(1, ordering: .relaxed) }
    func ended() { count.wrappingSubtract(1, ordering: .relaxed) }
}
