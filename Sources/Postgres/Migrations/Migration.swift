import Crypto

/// One numbered step of a schema.
public struct Migration: Sendable, Hashable {
    /// When a step may be taken, while servers of the release before are still running.
    public enum Phase: String, Sendable, Hashable {
        /// At any time: it only adds, and what the release before sends goes on working.
        case expand
        /// Once no server of the release before is left: it takes away what only that one needed. Such a file's first
        /// line is `-- phase: contract`.
        case contract
    }

    /// Greater than 0; each stands once, in the order of application. Gaps are left for steps that are still to come.
    public var number: Int
    /// The file's name without its ending: `0001_stores`.
    public var name: String
    /// The file's text.
    public var sql: String

    /// Makes a migration.
    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// When it may be applied.
    public var phase: Phase { sql.hasPrefix("-- phase: contract\n") ? .contract : .expand }

    /// The SHA-256 of the text, in hexadecimal.
    public var checksum: String {
        SHA256.hash(data: Array(sql.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}

/// A migration and what a server knows of it.
public struct MigrationStatus: Sendable, Hashable {
    /// Where a migration stands on a node.
    public enum State: String, Sendable, Hashable {
        case applied
        case pending
        /// Applied with another text than it has now.
        case changed
        /// Applied, and no longer among the files.
        case missing
    }

    /// The migration's.
    public var number: Int
    public var name: String
    public var state: State
    /// When it may be applied.
    public var phase: Migration.Phase
    /// When it was applied.
    public var appliedAt: PostgresTimestamp?

    /// Makes a status.
    public init(
        number: Int, name: String, state: State, phase: Migration.Phase = .expand, appliedAt: PostgresTimestamp? = nil
    ) {
        self.number = number
        self.name = name
        self.state = state
        self.phase = phase
        self.appliedAt = appliedAt
    }
}

/// Why migrations were not applied.
public enum MigrationError: Error, Sendable, CustomStringConvertible {
    /// The directory or a file cannot be read, or is not named `NNNN_name.sql`.
    case unreadable(path: String, problem: String)
    /// A number stands twice, or is less than 1.
    case numbering(name: String)
    /// Applied with another text than it has now.
    case changed(name: String)
    /// Applied, and no longer among the files.
    case missing(name: String)
    /// Its SQL was refused; what came before it is applied.
    case failed(name: String, PostgresError)
    /// The server could not be asked.
    case server(PostgresError)

    public var description: String {
        switch self {
        case .unreadable(let path, let problem): "\(path): \(problem)"
        case .numbering(let name):
            "migration \(name): its number is another's or less than 1; give each file a number of its own"
        case .changed(let name):
            "migration \(name) was changed after it was applied; restore the file and write a new one"
        case .missing(let name): "migration \(name) was applied but its file is gone; restore it"
        case .failed(let name, let error): "migration \(name) failed: \(error)"
        case .server(let error): "migrations: \(error)"
        }
    }
}
