/// Applies numbered SQL files in order, each once and each in a transaction of its own, under an advisory lock.
public struct Migrator: Sendable {
    /// Whether steps of the phase `contract` are taken.
    public enum Contracting: Sendable {
        case always
        /// Only on a database where nothing was applied before: no server can be using it.
        case whenFresh
    }

    /// In order.
    public let migrations: [Migration]

    /// The advisory lock's key, "seaworth" in ASCII: one migrator at a time on a database.
    private static let lockKey: Int64 = 0x7365_6177_6F72_7468

    /// Keys of the catalogues of roles and their memberships.
    private static let serverWideKeys: Set<String> = [
        "pg_authid_rolname_index", "pg_auth_members_role_member_index",
    ]

    private struct Applied: Sendable {
        var name: String
        var checksum: String
        var appliedAt: PostgresTimestamp
    }

    /// Takes migrations; each has a number of its own.
    /// - Throws: ``MigrationError/numbering(name:)``.
    public init(_ migrations: [Migration]) throws(MigrationError) {
        let ordered = migrations.sorted { ($0.number, $0.name) < ($1.number, $1.name) }
        var last = 0
        for migration in ordered {
            guard migration.number > last else { throw .numbering(name: migration.name) }
            last = migration.number
        }
        self.migrations = ordered
    }

    /// Reads the `NNNN_name.sql` files of a directory; other files are left alone.
    /// - Throws: ``MigrationError`` for a directory or file that cannot be read, or a number that stands twice.
    public init(directory: String) throws(MigrationError) {
        try self.init(try MigrationFiles.read(directory: directory))
    }

    /// Applies what is missing and returns it. Several callers may run at once: each migration is applied once.
    /// - Throws: ``MigrationError`` when an applied file was changed or is gone (by name), or one fails.
    public func migrate(
        _ node: PostgresNode, contracting: Contracting = .always, deadline: ContinuousClock.Instant
    ) async throws(MigrationError) -> [Migration] {
        let isFresh = try await transaction(on: node, deadline: deadline) { transaction throws(MigrationError) in
            try await createTable(transaction)
            return try await appliedMigrations(transaction).isEmpty
        }
        let phases: Set<Migration.Phase> =
            contracting == .always || isFresh ? [.expand, .contract] : [.expand]
        var done: [Migration] = []
        for migration in migrations where phases.contains(migration.phase) {
            if try await apply(migration, on: node, deadline: deadline) { done.append(migration) }
        }
        return done
    }

    /// Once more when a migrator of another database on the same server made the same role, or gave it the same
    /// membership, at that moment: these are the server's, and the lock is the database's.
    private func apply(
        _ migration: Migration, on node: PostgresNode, deadline: ContinuousClock.Instant
    ) async throws(MigrationError) -> Bool {
        do throws(MigrationError) {
            return try await applyOnce(migration, on: node, deadline: deadline)
        } catch {
            guard case .failed(_, let cause) = error, cause.sqlState == .uniqueViolation,
                Self.serverWideKeys.contains(cause.serverError?.constraint ?? "")
            else { throw error }
            return try await applyOnce(migration, on: node, deadline: deadline)
        }
    }

    private func applyOnce(
        _ migration: Migration, on node: PostgresNode, deadline: ContinuousClock.Instant
    ) async throws(MigrationError) -> Bool {
        try await transaction(on: node, deadline: deadline) { transaction throws(MigrationError) in
            try await apply(migration, transaction)
        }
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
                return MigrationStatus(
                    number: migration.number, name: migration.name, state: .pending, phase: migration.phase)
            }
            let isSame = record.checksum == migration.checksum && record.name == migration.name
            return MigrationStatus(
                number: migration.number, name: record.name, state: isSame ? .applied : .changed,
                phase: migration.phase, appliedAt: record.appliedAt)
        }
        let numbers = Set(migrations.map(\.number))
        let missing = applied.filter { !numbers.contains($0.key) }.map {
            MigrationStatus(number: $0.key, name: $0.value.name, state: .missing, appliedAt: $0.value.appliedAt)
        }
        return (known + missing).sorted { $0.number < $1.number }
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
