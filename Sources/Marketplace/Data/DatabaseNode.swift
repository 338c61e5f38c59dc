import Postgres

/// One Postgres server of a shard, with what guards it.
public struct DatabaseNode: Sendable {
    /// The client.
    public let postgres: PostgresNode
    /// Its breaker, bulkhead and counters.
    public let dependency: Dependency

    public var name: String { dependency.name }

    /// Puts a node together.
    public init(postgres: PostgresNode, dependency: Dependency) {
        self.postgres = postgres
        self.dependency = dependency
    }
}
