/// A value that can be bound to a parameter of a ``Query``.
public protocol PostgresEncodable: Sendable {
    /// The type that the parameter is declared with.
    static var postgresType: PostgresType { get }
    /// The form in which ``encode(into:)`` writes.
    static var postgresFormat: WireFormat { get }
    /// True for SQL's NULL; then ``encode(into:)`` is not called.
    var isPostgresNull: Bool { get }
    /// Appends the value's bytes.
    func encode(into bytes: inout [UInt8])
}

extension PostgresEncodable {
    public static var postgresFormat: WireFormat { .binary }
    public var isPostgresNull: Bool { false }
}

/// A value that can be an element of an array parameter.
public protocol PostgresArrayElement: PostgresEncodable {
    /// The array's type.
    static var postgresArrayType: PostgresType { get }
    /// The element's type inside an array, where it cannot be left to the server.
    static var postgresElementType: PostgresType { get }
}

extension PostgresArrayElement {
    public static var postgresElementType: PostgresType { postgresType }
}

/// Bound as text of no declared type, so that it fits uuid, timestamptz, enum and jsonb columns as a literal would.
/// Where the server cannot infer the type, cast it: `\(name)::text`.
extension String: PostgresArrayElement {
    public static var postgresType: PostgresType { .inferred }
    public static var postgresFormat: WireFormat { .text }
    public static var postgresArrayType: PostgresType { .textArray }
    public static var postgresElementType: PostgresType { .text }
    public func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
}

extension Int64: PostgresArrayElement {
    public static var postgresType: PostgresType { .int8 }
    public static var postgresArrayType: PostgresType { .int8Array }
    public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(self) }
}

extension Int: PostgresArrayElement {
    public static var postgresType: PostgresType { .int8 }
    public static var postgresArrayType: PostgresType { .int8Array }
    public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(Int64(self)) }
}

extension Int32: PostgresArrayElement {
    public static var postgresType: PostgresType { .int4 }
    public static var postgresArrayType: PostgresType { .int4Array }
    public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(self) }
}

extension Int16: PostgresArrayElement {
    public static var postgresType: PostgresType { .int2 }
    public static var postgresArrayType: PostgresType { .int2Array }
    public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(self) }
}

extension Double: PostgresArrayElement {
    public static var postgresType: PostgresType { .float8 }
    public static var postgresArrayType: PostgresType { .float8Array }
    public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(bitPattern) }
}

extension Bool: PostgresArrayElement {
    public static var postgresType: PostgresType { .bool }
    public static var postgresArrayType: PostgresType { .boolArray }
    public func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
}

/// An array of bytes is a `bytea`; an array of anything else is a one-dimensional array. Elements may be optional.
extension Array: PostgresEncodable where Element: PostgresEncodable {
    public static var postgresType: PostgresType {
        if Element.self == UInt8.self { return .bytea }
        return (Element.self as? any PostgresArrayElement.Type)?.postgresArrayType ?? .inferred
    }

    public func encode(into bytes: inout [UInt8]) {
        // The type is asked for, since an empty array can be cast to an array of anything.
        if Element.self == UInt8.self, let raw = self as? [UInt8] {
            bytes.append(contentsOf: raw)
            return
        }
        // Array header of the binary format: dimensions, has-null flag, element type, length, lower bound.
        let element = (Element.self as? any PostgresArrayElement.Type)?.postgresElementType ?? Element.postgresType
        bytes.appendBigEndian(Int32(isEmpty ? 0 : 1))
        bytes.appendBigEndian(Int32(contains { $0.isPostgresNull } ? 1 : 0))
        bytes.appendBigEndian(element.rawValue)
        if isEmpty { return }
        bytes.appendBigEndian(Int32(count))
        bytes.appendBigEndian(Int32(1))
        for value in self {
            if value.isPostgresNull {
                bytes.appendBigEndian(Int32(-1))
                continue
            }
            let lengthOffset = bytes.count
            bytes.appendBigEndian(Int32(0))
            value.encode(into: &bytes)
            bytes.setBigEndian(Int32(bytes.count - lengthOffset - 4), at: lengthOffset)
        }
    }
}

/// Here so that `[UInt8]` can be a `bytea`; a byte alone is bound as a `smallint`.
extension UInt8: PostgresEncodable {
    public static var postgresType: PostgresType { .int2 }
    public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(Int16(self)) }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public static var postgresType: PostgresType { Wrapped.postgresType }
    public static var postgresFormat: WireFormat { Wrapped.postgresFormat }
    public var isPostgresNull: Bool { self?.isPostgresNull ?? true }
    public func encode(into bytes: inout [UInt8]) { self?.encode(into: &bytes) }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement {
    public static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }
    public static var postgresElementType: PostgresType { Wrapped.postgresElementType }
}

extension [UInt8] {
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    mutating func setBigEndian(_ value: Int32, at offset: Int) {
        Swift.withUnsafeBytes(of: value.bigEndian) { source in
            for index in 0..<4 { self[offset + index] = source[index] }
        }
    }
}
