/// One SQL statement and its parameters.
///
/// Written as a string; what is interpolated is bound as `$1`, `$2` … and never becomes part of the SQL:
/// ```swift
/// let query: Query = "SELECT name FROM products WHERE store_id = \(store) AND id = \(id)"
/// ```
/// A query inside a query is spliced in with its parameters renumbered; `\(identifier: name)` quotes an identifier.
public struct Query: Sendable {
    /// The statement's text, with `$1` … where values were interpolated.
    public private(set) var sql: String
    /// Whether each connection keeps the statement prepared. Turn it off for statements whose text seldom repeats.
    public private(set) var isPrepared = true

    /// The declared types of the parameters; together with the text they are what is prepared.
    private(set) var types: [PostgresType] = []
    /// Where each parameter's bytes lie.
    private(set) var parameters: [Parameter] = []
    /// All parameters' bytes, each followed by a NUL, which libpq wants after text and which keeps empty ones apart
    /// from NULL.
    private(set) var bytes: [UInt8] = []
    /// The first text parameter (from 1) with a NUL inside: libpq would cut it there, so the query is refused.
    private(set) var truncatedParameter: Int?

    struct Parameter: Sendable {
        var offset: Int32
        /// Where its `$1` stands in the text, in bytes.
        var position: Int32
        /// Bytes without the closing NUL; -1 for SQL's NULL.
        var length: Int32
        var format: WireFormat
    }

    /// A statement without parameters.
    public init(_ sql: String) { self.sql = sql }

    /// The same statement, parsed each time it is sent.
    public func unprepared() -> Query {
        var copy = self
        copy.isPrepared = false
        return copy
    }

    fileprivate mutating func append(sql text: String) { sql += text }

    fileprivate mutating func bind<Value: PostgresEncodable>(_ value: Value) {
        types.append(Value.postgresType)
        append(value, as: Value.postgresFormat, at: Int32(sql.utf8.count))
        sql += "$"
        sql += String(parameters.count)
    }

    private mutating func append(_ value: some PostgresEncodable, as format: WireFormat, at position: Int32) {
        let offset = Int32(bytes.count)
        if value.isPostgresNull {
            parameters.append(Parameter(offset: offset, position: position, length: -1, format: format))
            return
        }
        value.encode(into: &bytes)
        let length = Int32(bytes.count) - offset
        parameters.append(Parameter(offset: offset, position: position, length: length, format: format))
        if format == .text, truncatedParameter == nil, bytes[Int(offset)...].contains(0) {
            truncatedParameter = parameters.count
        }
        bytes.append(0)
    }

    /// Appends another query; its placeholders get the numbers that follow this one's.
    fileprivate mutating func splice(_ fragment: Query) {
        let shift = parameters.count
        let base = Int32(bytes.count)
        let text = fragment.sql.utf8
        var copied = text.startIndex
        for (index, parameter) in fragment.parameters.enumerated() {
            let placeholder = text.index(text.startIndex, offsetBy: Int(parameter.position))
            sql += fragment.sql[copied..<placeholder]
            copied = text.index(placeholder, offsetBy: 1 + String(index + 1).utf8.count)
            var moved = parameter
            moved.offset += base
            moved.position = Int32(sql.utf8.count)
            parameters.append(moved)
            sql += "$"
            sql += String(shift + index + 1)
        }
        sql += fragment.sql[copied...]
        types += fragment.types
        bytes += fragment.bytes
        if truncatedParameter == nil, let position = fragment.truncatedParameter {
            truncatedParameter = position + shift
        }
    }
}

extension Query: ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self.init(value) }
    public init(stringInterpolation: Interpolation) { self = stringInterpolation.query }

    /// Gathers a literal's text and binds what is interpolated.
    public struct Interpolation: StringInterpolationProtocol {
        fileprivate var query: Query

        /// Makes an empty one.
        public init(literalCapacity: Int, interpolationCount: Int) {
            query = Query("")
            query.sql.reserveCapacity(literalCapacity + interpolationCount * 3)
        }

        /// Takes SQL as it is written in the source.
        public mutating func appendLiteral(_ literal: String) { query.append(sql: literal) }

        /// Binds a value.
        public mutating func appendInterpolation(_ value: some PostgresEncodable) { query.bind(value) }

        /// Binds a value, or NULL.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) { query.bind(value) }

        /// Splices another statement in, with its parameters.
        public mutating func appendInterpolation(_ fragment: Query) { query.splice(fragment) }

        /// A quoted identifier: `\(identifier: "public.products")` becomes `"public"."products"`.
        public mutating func appendInterpolation(identifier: String) {
            query.append(sql: SQLText.quoted(identifier: identifier))
        }
    }
}

/// Shows the statement, never the values.
extension Query: CustomStringConvertible {
    public var description: String { sql }
}
