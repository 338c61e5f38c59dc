import CLibPQ

/// Owns a `PGresult` and frees it with the last row that points into it.
///
/// `@unchecked Sendable`: libpq never changes a result once `PQgetResult` has returned it, and only `deinit` frees it.
final class ResultStorage: @unchecked Sendable {
    private let result: OpaquePointer
    private let returns: ResultReturns?
    let rowCount: Int
    let columnCount: Int

    /// - Parameter returns: where the result goes when nobody needs it any more; nil: it is freed on the last thread.
    init(_ result: OpaquePointer, returns: ResultReturns? = nil) {
        self.result = result
        self.returns = returns
        rowCount = Int(PQntuples(result))
        columnCount = Int(PQnfields(result))
    }

    deinit { if let returns { returns.put(result) } else { PQclear(result) } }

    var status: ExecStatusType { PQresultStatus(result) }

    var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    /// The command as the server names it: `COMMIT`, `ROLLBACK`, `INSERT 0 1`.
    var commandTag: String { String(cString: PQcmdStatus(result)) }

    func columnName(_ column: Int) -> String { PQfname(result, Int32(column)).map { String(cString: $0) } ?? "" }

    func columnType(_ column: Int) -> PostgresType { PostgresType(rawValue: PQftype(result, Int32(column))) }

    func position(of name: String) -> Int? {
        // Compared as bytes: PQfnumber would fold the case of what is not quoted.
        for column in 0..<columnCount where columnName(column) == name { return column }
        return nil
    }

    /// The value's bytes, valid while this object lives; nil for NULL.
    func bytes(row: Int, column: Int) -> UnsafeRawBufferPointer? {
        precondition(row >= 0 && row < rowCount, "no row \(row)")
        if PQgetisnull(result, Int32(row), Int32(column)) == 1 { return nil }
        let length = Int(PQgetlength(result, Int32(row), Int32(column)))
        return UnsafeRawBufferPointer(start: PQgetvalue(result, Int32(row), Int32(column)), count: length)
    }

    /// One field of an error or notice; the fields are named in libpq's `PG_DIAG_…`.
    func diagnostic(_ field: Int32) -> String? { PQresultErrorField(result, field).map { String(cString: $0) } }

    /// libpq's own words, for errors that did not come from the server.
    var errorMessage: String { String(cString: PQresultErrorMessage(result)) }
}
