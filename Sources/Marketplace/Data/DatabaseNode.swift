import Postgres

/// One Postgres server of a shard, with what guards it.
public struct DatabaseNode: Sendable {
    public let postgres: PostgresNode
    public let dependency: Dependency

    public var name: String { dependency.name }

    public init(postgres: PostgresNode, dependency: Dependency) {
        self.postgres = postgres
        self.dependency = dependency
    }
}
