/// A five-character SQLSTATE (PostgreSQL documentation, appendix A).
public struct SQLState: RawRepresentable, Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    public var rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }

    /// The first two characters: `23` for every violated constraint.
    public var errorClass: String { String(rawValue.prefix(2)) }
    public var description: String { rawValue }

    /// A unique key exists already.
    public static let uniqueViolation: SQLState = "23505"
    /// What is referred to does not exist, or is still referred to.
    public static let foreignKeyViolation: SQLState = "23503"
    /// A value is missing.
    public static let notNullViolation: SQLState = "23502"
    /// A CHECK does not hold.
    public static let checkViolation: SQLState = "23514"
    /// An EXCLUDE does not hold.
    public static let exclusionViolation: SQLState = "23P01"
    /// Another transaction came between; run it again.
    public static let serializationFailure: SQLState = "40001"
    /// Two transactions waited for each other; run it again.
    public static let deadlockDetected: SQLState = "40P01"
    /// A write on a replica, or in a read-only transaction.
    public static let readOnlyTransaction: SQLState = "25006"
    /// A statement of this transaction has failed before.
    public static let inFailedTransaction: SQLState = "25P02"
    /// A lock was not free in time.
    public static let lockNotAvailable: SQLState = "55P03"
    /// Cancelled, or past `statement_timeout`.
    public static let queryCanceled: SQLState = "57014"
    /// The session was terminated, or the server is being stopped.
    public static let adminShutdown: SQLState = "57P01"
    /// Another session crashed, so all were ended.
    public static let crashShutdown: SQLState = "57P02"
    /// The server is starting or stopping.
    public static let cannotConnectNow: SQLState = "57P03"
    /// The server takes no more sessions.
    public static let tooManyConnections: SQLState = "53300"
    /// The server's disk is full.
    public static let diskFull: SQLState = "53100"
    /// There is no such table.
    public static let undefinedTable: SQLState = "42P01"
    /// There is no such column.
    public static let undefinedColumn: SQLState = "42703"
    /// The statement cannot be parsed.
    public static let syntaxError: SQLState = "42601"
    /// The role may not do this.
    public static let insufficientPrivilege: SQLState = "42501"
    /// The prepared statement does not exist.
    public static let invalidStatementName: SQLState = "26000"
    /// Not supported; also a cached plan whose result type has changed.
    public static let featureNotSupported: SQLState = "0A000"
    /// A row of COPY cannot be read.
    public static let badCopyFormat: SQLState = "22P04"

    /// Whether the same transaction may well succeed when it is run again.
    public var isTransient: Bool {
        self == .serializationFailure || self == .deadlockDetected || self == .lockNotAvailable
    }
}
