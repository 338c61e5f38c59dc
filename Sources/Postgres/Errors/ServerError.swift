import CLibPQ

/// An error that the server sent, by its fields (PostgreSQL documentation, "Error and Notice Message Fields").
public struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The error's class and condition, the same in every language and version.
    public var sqlState: SQLState
    /// `ERROR`, `FATAL` or `PANIC`; after the last two the connection is gone.
    public var severity: String
    /// The server's one-line message.
    public var message: String
    /// More about it, if the server said more.
    public var detail: String?
    /// What to do, if the server said so.
    public var hint: String?
    /// The constraint that was violated, where there is one.
    public var constraint: String?
    /// The table concerned, if one is.
    public var table: String?
    /// The column concerned, if one is.
    public var column: String?

    /// Makes an error from its fields.
    public init(
        sqlState: SQLState, severity: String = "ERROR", message: String, detail: String? = nil, hint: String? = nil,
        constraint: String? = nil, table: String? = nil, column: String? = nil
    ) {
        self.sqlState = sqlState
        self.severity = severity
        self.message = message
        self.detail = detail
        self.hint = hint
        self.constraint = constraint
        self.table = table
        self.column = column
    }

    /// Nil when the result is libpq's own (a broken connection): those carry no SQLSTATE.
    init?(_ result: ResultStorage) {
        guard let state = result.diagnostic(DiagnosticField.sqlState) else { return nil }
        self.init(
            sqlState: SQLState(rawValue: state),
            severity: result.diagnostic(DiagnosticField.severity) ?? "ERROR",
            message: result.diagnostic(DiagnosticField.message) ?? "",
            detail: result.diagnostic(DiagnosticField.detail),
            hint: result.diagnostic(DiagnosticField.hint),
            constraint: result.diagnostic(DiagnosticField.constraint),
            table: result.diagnostic(DiagnosticField.table),
            column: result.diagnostic(DiagnosticField.column))
    }

    /// Whether the server closes the connection after it.
    public var isFatal: Bool { severity == "FATAL" || severity == "PANIC" }

    public var description: String {
        var text = "\(severity) \(sqlState.rawValue): \(message)"
        if let detail { text += "; \(detail)" }
        if let hint { text += "; \(hint)" }
        return text
    }
}

/// libpq's `PG_DIAG_…` field codes, which are character macros that Swift does not import.
enum DiagnosticField {
    /// Not translated, unlike `PG_DIAG_SEVERITY`.
    static let severity = Int32(UInt8(ascii: "V"))
    static let sqlState = Int32(UInt8(ascii: "C"))
    static let message = Int32(UInt8(ascii: "M"))
    static let detail = Int32(UInt8(ascii: "D"))
    static let hint = Int32(UInt8(ascii: "H"))
    static let constraint = Int32(UInt8(ascii: "n"))
    static let table = Int32(UInt8(ascii: "t"))
    static let column = Int32(UInt8(ascii: "c"))
    static let sourceFile = Int32(UInt8(ascii: "F"))
}
