/// What a statement returned: its rows, in order. They share one buffer, which lives as long as any of them.
public struct Rows: Sendable, RandomAccessCollection {
    let storage: ResultStorage

    init(_ storage: ResultStorage) { self.storage = storage }

    public var startIndex: Int { 0 }
    public var endIndex: Int { storage.rowCount }
    public subscript(position: Int) -> Row { Row(storage: storage, index: position) }

    /// Names of the columns, in order.
    public var columns: [String] { (0..<storage.columnCount).map { storage.columnName($0) } }

    /// Rows that an INSERT, UPDATE, DELETE, MERGE or SELECT touched, as the server counts them.
    public var affected: Int { storage.affected }

    /// The first column of all rows.
    /// - Throws: ``PostgresDecodingError`` naming the column.
    public func decode<Value: PostgresDecodable>(_ type: Value.Type) throws(PostgresDecodingError) -> [Value] {
        var result: [Value] = []
        result.reserveCapacity(count)
        for row in self { result.append(try row.value(0, as: type)) }
        return result
    }

    /// All rows as tuples: `for (id, name) in try rows.decode(Int64.self, String.self)`.
    /// - Throws: ``PostgresDecodingError`` naming the column.
    public func decode<each Value: PostgresDecodable>(
        _ types: repeat (each Value).Type
    ) throws(PostgresDecodingError) -> [(repeat each Value)] {
        var result: [(repeat each Value)] = []
        result.reserveCapacity(count)
        for row in self { result.append(try row.decode(repeat each types)) }
        return result
    }
}
