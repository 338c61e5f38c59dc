import Crypto

/// One numbered step of a schema.
public struct Migration: Sendable, Hashable {
    /// From 1, without gaps.
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

    /// From 1, without gaps.
    public var number: Int
    public var name: String
    public var state: State
    /// When it was applied.
    public var appliedAt: PostgresTimestamp?

    /// Makes a status.
    public init(number: Int, name: String, state: State, appliedAt: PostgresTimestamp? = nil) {
        self.number = number
        self.name = name
        self.state = state
        self.appliedAt = appliedAt
    }
}

/// Why migrations were not applied.
public enum MigrationError: Error, Sendable, CustomStringConvertible {
    /// The directory or a file cannot be read, or is not named `NNNN_name.sql`.
    case unreadable(path: String, problem: String)
    /// A number is missing or stands twice.
    case numbering(name: String, expected: Int)
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
        case .numbering(let name, let expected):
            "migration \(name): its number should be \(expected); number the files from 1 without gaps"
        case .changed(let name):
            "migration \(name) was changed after it was applied; restore the file and write a new one"
        case .missing(let name): "migration \(name) was applied but its file is gone; restore it"
        case .failed(let name, let error): "migration \(name) failed: \(error)"
        case .server(let error): "migrations: \(error)"
        }
    }
}
