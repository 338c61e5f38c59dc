/// Applies numbered SQL files in order, each once and each in a transaction of its own, under an advisory lock.
public struct Migrator: Sendable {
    /// In order.
    public let migrations: [Migration]

    /// The advisory lock's key, "seaworth" in ASCII: one migrator at a time on a database.
    private static let lockKey: Int64 = 0x7365_6177_6F72_7468

    private struct Applied: Sendable {
        var name: String
        var checksum: String
        var appliedAt: PostgresTimestamp
    }

    /// Takes migrations, numbered from 1 without gaps.
    /// - Throws: ``MigrationError/numbering(name:expected:)``.
    public init(_ migrations: [Migration]) throws(MigrationError) {
        let ordered = migrations.sorted { ($0.number, $0.name) < ($1.number, $1.name) }
        for (index, migration) in ordered.enumerated() where migration.number != index + 1 {
            throw .numbering(name: migration.name, expected: index + 1)
        }
        self.migrations = ordered
    }

    /// Reads the `NNNN_name.sql` files of a directory; other files are left alone.
    /// - Throws: ``MigrationError`` for a directory or file that cannot be read, or numbers that do not follow.
    public init(directory: String) throws(MigrationError) {
        try self.init(try MigrationFiles.read(directory: directory))
    }

    /// Applies what is missing and returns it. Several callers may run at once: each migration is applied once.
    /// - Throws: ``MigrationError`` when an applied file was changed or is gone (by name), or one fails.
    public func migrate(
        _ node: PostgresNode, deadline: ContinuousClock.Instant
    ) async throws(MigrationError) -> [Migration] {
        try await transaction(on: node, deadline: deadline) { transaction throws(MigrationError) in
            try await createTable(transaction)
        }
        var done: [Migration] = []
        for migration in migrations {
            let isNew = try await transaction(on: node, deadline: deadline) { transaction throws(MigrationError) in
                try await apply(migration, transaction)
            }
            if isNew { done.append(migration) }
        }
        return done
    }

    /// What is applied, pending, changed or missing, in order.
    public func status(
        of node: PostgresNode, deadline: ContinuousClock.Instant
    ) async throws(MigrationError) -> [MigrationStatus] {
        let applied = try await transaction(on: node, deadline: deadline) { transaction throws(MigrationError) in
            try await appliedMigrations(transaction)
        }
        return statuses(applied)
    }

    private func statuses(_ applied: [Int: Applied]) -> [MigrationStatus] {
        let known = migrations.map { migration in
            guard let record = applied[migration.number] else {
                return MigrationStatus(number: migration.number, name: migration.name, state: .pending)
            }
            let isSame = record.checksum == migration.checksum && record.name == migration.name
            return MigrationStatus(
                number: migration.number, name: record.name, state: isSame ? .applied : .changed,
                appliedAt: record.appliedAt)
        }
        let missing = applied.filter { $0.key > migrations.count }.sorted { $0.key < $1.key }
            .map {
                MigrationStatus(number: $0.key, name: $0.value.name, state: .missing, appliedAt: $0.value.appliedAt)
            }
        return known + missing
    }

    /// Under the lock looks again at what is applied, so that whoever waited for it does nothing twice.
    private func apply(
        _ migration: Migration, _ transaction: PostgresTransaction
    ) async throws(MigrationError) -> Bool {
        try await lock(transaction)
        let statuses = statuses(try await appliedMigrations(transaction))
        for status in statuses {
            if status.state == .changed { throw .changed(name: status.name) }
            if status.state == .missing { throw .missing(name: status.name) }
        }
        guard statuses.contains(where: { $0.number == migration.number && $0.state == .pending }) else { return false }
        do throws(PostgresError) {
            try await transaction.script(migration.sql)
            _ = try await transaction.query(
                """
                INSERT INTO schema_migrations (number, name, checksum)
                VALUES (\(migration.number), \(migration.name), \(migration.checksum))
                """)
        } catch {
            throw .failed(name: migration.name, error)
        }
        return true
    }

    private func createTable(_ transaction: PostgresTransaction) async throws(MigrationError) {
        try await lock(transaction)
        do throws(PostgresError) {
            _ = try await transaction.query(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    number bigint PRIMARY KEY,
                    name text NOT NULL,
                    checksum text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now())
                """)
        } catch {
            throw .server(error)
        }
    }

    private func lock(_ transaction: PostgresTransaction) async throws(MigrationError) {
        do throws(PostgresError) {
            _ = try await transaction.query("SELECT pg_advisory_xact_lock(\(Self.lockKey))")
        } catch {
            throw .server(error)
        }
    }

    private func appliedMigrations(_ transaction: PostgresTransaction) async throws(MigrationError) -> [Int: Applied] {
        do {
            let table = try await transaction.query("SELECT to_regclass('schema_migrations') IS NOT NULL")
            guard try table[0].value(0, as: Bool.self) else { return [:] }
            let rows = try await transaction.query("SELECT number, name, checksum, applied_at FROM schema_migrations")
            var applied: [Int: Applied] = [:]
            for (number, name, checksum, at) in try rows.decode(
                Int.self, String.self, String.self, PostgresTimestamp.self)
            {
                applied[number] = Applied(name: name, checksum: checksum, appliedAt: at)
            }
            return applied
        } catch let error as PostgresError {
            throw .server(error)
        } catch {
            throw .unreadable(path: "schema_migrations", problem: "\(error)")
        }
    }

    private func transaction<Value: Sendable>(
        on node: PostgresNode, deadline: ContinuousClock.Instant,
        _ body: (PostgresTransaction) async throws(MigrationError) -> Value
    ) async throws(MigrationError) -> Value {
        do {
            return try await node.transaction(deadline: deadline, body)
        } catch let error as MigrationError {
            throw error
        } catch let error as PostgresError {
            throw .server(error)
        } catch {
            throw .unreadable(path: "schema_migrations", problem: "\(error)")
        }
    }
}
