/// One row for COPY, in its text format (PostgreSQL documentation, "COPY", "Text Format"): the server reads each field
/// as it would a literal of the column's type.
public struct CopyRow: Sendable, Hashable {
    /// The encoded row, without the closing newline.
    public private(set) var bytes: [UInt8] = []
    private var fields = 0

    /// A row without columns.
    public init() {}

    /// A row from text; nil is NULL.
    public init(_ fields: [String?]) {
        for field in fields { append(field) }
    }

    /// Appends a field; nil is NULL.
    public mutating func append(_ text: String?) {
        separate()
        guard let text else {
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(UInt8(ascii: "N"))
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): appendEscaped("\\")
            case UInt8(ascii: "\n"): appendEscaped("n")
            case UInt8(ascii: "\r"): appendEscaped("r")
            case UInt8(ascii: "\t"): appendEscaped("t")
            default: bytes.append(byte)
            }
        }
    }

    /// Appends an integer; nil is NULL.
    public mutating func append(_ value: (some BinaryInteger)?) { append(value.map { String($0) }) }

    /// Appends a truth value; nil is NULL.
    public mutating func append(_ value: Bool?) { append(value.map { $0 ? "t" : "f" }) }

    /// Appends a moment; nil is NULL.
    public mutating func append(_ value: PostgresTimestamp?) { append(value?.description) }

    private mutating func separate() {
        if fields > 0 { bytes.append(UInt8(ascii: "\t")) }
        fields += 1
    }

    private mutating func appendEscaped(_ character: Unicode.Scalar) {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: character))
    }
}
