/// Applies numbered SQL files in order, each once and each in a transaction of its own, under an advisory lock.
public struct Migrator: Sendable {
    public let migrations: [Migration]

    /// Takes migrations in order of their numbers.
    /// - Throws: ``MigrationError`` for a number that is missing or stands twice.
    public init(_ migrations: [Migration]) throws(MigrationError) { self.migrations = migrations }

    /// Reads `NNNN_name.sql` files.
    /// - Throws: ``MigrationError`` for a directory or file that cannot be read, or numbers that do not follow.
    public init(directory: String) throws(MigrationError) { fatalError("not yet") }

    /// Applies what is missing and returns it.
    /// - Throws: ``MigrationError`` when an applied file was changed or is gone (by name), or one fails.
    public func migrate(
        _ node: PostgresNode, deadline: ContinuousClock.Instant
    ) async throws(MigrationError) -> [Migration] { fatalError("not yet") }

    /// What is applied, pending, changed or missing, in order.
    public func status(
        of node: PostgresNode, deadline: ContinuousClock.Instant
    ) async throws(MigrationError) -> [MigrationStatus] { fatalError("not yet") }
}

/// One numbered step of a schema.
public struct Migration: Sendable, Hashable {
    public var number: Int
    public var name: String
    public var sql: String
    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }
}

/// A migration and what a server knows of it.
public struct MigrationStatus: Sendable, Hashable {
    public enum State: String, Sendable, Hashable { case applied, pending, changed, missing }
    public var number: Int
    public var name: String
    public var state: State
    /// When it was applied.
    public var appliedAt: PostgresTimestamp?
}

/// Why migrations were not applied.
public enum MigrationError: Error, Sendable {
    case unreadable(String)
    case numbering(String)
    case changed(name: String)
    case missing(name: String)
    case failed(name: String, PostgresError)
    case server(PostgresError)
}
