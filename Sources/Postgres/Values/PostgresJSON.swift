/// The text of a JSON value, bound as `jsonb`.
public struct PostgresJSON: Sendable, Hashable {
    /// The JSON text; the server checks it.
    public var text: String

    /// Takes JSON as it is; the server checks it.
    public init(_ text: String) { self.text = text }
}

extension PostgresJSON: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .jsonb }
    public static var postgresFormat: WireFormat { .text }
    public func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: text.utf8) }
    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) { text = try String(decoding: cell) }
}
