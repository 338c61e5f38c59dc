/// One row of ``Rows``.
public struct Row: Sendable {
    let storage: ResultStorage
    let index: Int

    /// Columns in this row.
    public var count: Int { storage.columnCount }

    /// The first columns as a tuple: `let (id, name) = try row.decode(Int64.self, String.self)`.
    /// - Throws: ``PostgresDecodingError`` when a column is missing, NULL, or of another type.
    public func decode<each Value: PostgresDecodable>(
        _ types: repeat (each Value).Type
    ) throws(PostgresDecodingError) -> (repeat each Value) {
        var column = 0
        func next<One: PostgresDecodable>(_ type: One.Type) throws(PostgresDecodingError) -> One {
            defer { column += 1 }
            return try value(column, as: type)
        }
        return (repeat try next(each types))
    }

    /// The column at a position, from 0.
    /// - Throws: ``PostgresDecodingError`` when it is missing, NULL, or of another type.
    public func value<Value: PostgresDecodable>(
        _ column: Int, as type: Value.Type = Value.self
    ) throws(PostgresDecodingError) -> Value {
        guard column >= 0, column < storage.columnCount else {
            throw PostgresDecodingError(
                column: "#\(column)", problem: "does not exist; the row has \(storage.columnCount) columns")
        }
        guard let bytes = storage.bytes(row: index, column: column) else {
            return try Value.decodeNull(column: storage.columnName(column))
        }
        return try Value(
            decoding: PostgresCell(
                type: storage.columnType(column), bytes: bytes, storage: storage, position: column))
    }

    /// The first column of that name.
    /// - Throws: ``PostgresDecodingError`` when there is none, or it is NULL or of another type.
    public func value<Value: PostgresDecodable>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(PostgresDecodingError) -> Value {
        guard let position = storage.position(of: column) else {
            throw PostgresDecodingError(column: column, problem: "is not among the result's columns")
        }
        return try value(position, as: type)
    }

    /// A column's binary form without a copy; the pointer is valid only inside `body`, which gets nil for NULL.
    public func withBytes<Result>(of column: Int, _ body: (UnsafeRawBufferPointer?) throws -> Result) rethrows -> Result
    {
        precondition(column >= 0 && column < storage.columnCount, "no column \(column)")
        return try withExtendedLifetime(storage) { try body(storage.bytes(row: index, column: column)) }
    }
}
