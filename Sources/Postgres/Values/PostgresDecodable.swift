/// A value that can be read from a column.
public protocol PostgresDecodable {
    /// Reads a value that is not NULL.
    /// - Throws: ``PostgresDecodingError`` when the column's type does not fit or its bytes are malformed.
    init(decoding cell: PostgresCell) throws(PostgresDecodingError)
    /// What a NULL becomes; by default an error, for an optional nil.
    static func decodeNull(column: String) throws(PostgresDecodingError) -> Self
}

extension PostgresDecodable {
    public static func decodeNull(column: String) throws(PostgresDecodingError) -> Self {
        throw PostgresDecodingError(
            column: column, problem: "is NULL but was read as \(Self.self); read it as an optional")
    }
}

/// A column could not be read as the type asked for.
public struct PostgresDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The column's name.
    public var column: String
    /// What is wrong and what to do.
    public var problem: String

    /// Makes the error.
    public init(column: String, problem: String) {
        self.column = column
        self.problem = problem
    }

    public var description: String { "column \"\(column)\" \(problem)" }
}

/// One value of a row as it came, valid only inside the call that receives it.
public struct PostgresCell {
    /// The column's type.
    public let type: PostgresType
    /// The value's binary form.
    public let bytes: UnsafeRawBufferPointer
    let storage: ResultStorage
    let position: Int

    /// The column's name; made when it is asked for, since only errors do.
    public var column: String { storage.columnName(position) }

    func mismatch(_ wanted: Any.Type) -> PostgresDecodingError {
        PostgresDecodingError(
            column: column,
            problem:
                "has type \(type.rawValue) with \(bytes.count) bytes and cannot be read as \(wanted); cast it in SQL")
    }

    func integer<Value: FixedWidthInteger>(_: Value.Type) throws(PostgresDecodingError) -> Value {
        guard bytes.count == MemoryLayout<Value>.size else { throw mismatch(Value.self) }
        return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }

    var utf8: String { String(decoding: bytes, as: UTF8.self) }
}

extension Int64: PostgresDecodable {
    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) {
        switch cell.type {
        case .int8, .xid8, .pgLSN, .timestamptz, .timestamp: self = try cell.integer(Int64.self)
        case .int4: self = Int64(try cell.integer(Int32.self))
        case .int2: self = Int64(try cell.integer(Int16.self))
        case .oid: self = Int64(try cell.integer(UInt32.self))
        case .numeric:
            guard let value = Int64(try PostgresNumeric.text(of: cell)) else { throw cell.mismatch(Int64.self) }
            self = value
        default: throw cell.mismatch(Int64.self)
        }
    }
}

extension Int: PostgresDecodable {
    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) { self = Int(try Int64(decoding: cell)) }
}

extension Int32: PostgresDecodable {
    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) {
        guard let value = Int32(exactly: try Int64(decoding: cell)) else { throw cell.mismatch(Int32.self) }
        self = value
    }
}

extension Bool: PostgresDecodable {
    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) {
        guard cell.type == .bool, cell.bytes.count == 1 else { throw cell.mismatch(Bool.self) }
        self = cell.bytes[0] != 0
    }
}

extension Double: PostgresDecodable {
    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) {
        switch cell.type {
        case .float8: self = Double(bitPattern: try cell.integer(UInt64.self))
        case .float4: self = Double(Float(bitPattern: try cell.integer(UInt32.self)))
        case .numeric:
            guard let value = Double(try PostgresNumeric.text(of: cell)) else { throw cell.mismatch(Double.self) }
            self = value
        default: self = Double(try Int64(decoding: cell))
        }
    }
}

/// Reads text, names, enums, JSON, UUIDs and numerics.
extension String: PostgresDecodable {
    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) {
        switch cell.type {
        case .jsonb:
            // The binary form of jsonb is a version number and the text.
            guard cell.bytes.first == 1 else { throw cell.mismatch(String.self) }
            self = String(decoding: cell.bytes.dropFirst(), as: UTF8.self)
        case .uuid: self = try PostgresUUIDText.text(of: cell)
        case .numeric: self = try PostgresNumeric.text(of: cell)
        case .pgLSN: self = try WALPosition(decoding: cell).description
        case let type where type.isTextual: self = cell.utf8
        default: throw cell.mismatch(String.self)
        }
    }
}

/// Reads a `bytea`, or the elements of a one-dimensional array; elements may be optional.
extension Array: PostgresDecodable where Element: PostgresDecodable {
    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) {
        if Element.self == UInt8.self {
            guard cell.type == .bytea, let raw = [UInt8](cell.bytes) as? [Element] else {
                throw cell.mismatch([UInt8].self)
            }
            self = raw
            return
        }
        var reader = ArrayReader(cell: cell)
        self = try reader.elements()
    }
}

/// Here so that `[UInt8]` can be read from a `bytea`; a byte alone is read from an integer.
extension UInt8: PostgresDecodable {
    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) {
        guard let value = UInt8(exactly: try Int64(decoding: cell)) else { throw cell.mismatch(UInt8.self) }
        self = value
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) { self = try Wrapped(decoding: cell) }
    public static func decodeNull(column: String) throws(PostgresDecodingError) -> Wrapped? { nil }
}
