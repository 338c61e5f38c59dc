import Postgres

/// A database that `migrate` looks after, with the steps that are its own.
public struct MigrationTarget: Sendable {
    /// `shard-0`.
    public let name: String
    /// In order.
    public let migrations: [Migration]
    /// Finds the node to migrate; replicas follow it.
    public let primary: @Sendable (OwnerConnections) async throws -> PostgresNode

    /// The shards, in the order of the settings, and `central` where there is one.
    public static func all(_ owner: OwnerConnections) -> [MigrationTarget] {
        let shards = owner.names.enumerated().map { index, name in
            MigrationTarget(name: name, migrations: Migrations.all) { try await $0.primary(of: index) }
        }
        guard owner.hasCentral else { return shards }
        return shards + [
            MigrationTarget(name: "central", migrations: Migrations.central) { try await $0.centralPrimary() }
        ]
    }
}
