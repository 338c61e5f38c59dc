/// Writes JSON (RFC 8259) to bytes. By hand, since the load generator writes two lines an operation and shares the
/// machine with what it measures.
public struct JSONWriter {
    /// What was written so far, in UTF-8.
    public private(set) var bytes: [UInt8] = []

    /// Makes an empty writer.
    public init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    public mutating func write(_ value: JSONValue) { write(value, indent: nil) }

    /// Writes with two spaces an indentation level, for people to read.
    public mutating func writePretty(_ value: JSONValue) { write(value, indent: 0) }

    /// Writes text that is JSON already.
    public mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Writes a whole number.
    public mutating func number(_ value: some BinaryInteger) { bytes.append(contentsOf: String(value).utf8) }

    /// Writes a text in quotes, escaped (RFC 8259, section 7).
    public mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): raw("\\\"")
            case UInt8(ascii: "\\"): raw("\\\\")
            case 0x0A: raw("\\n")
            case 0x0D: raw("\\r")
            case 0x09: raw("\\t")
            case 0..<0x20:
                raw("\\u00")
                bytes.append(Self.hexDigits[Int(byte >> 4)])
                bytes.append(Self.hexDigits[Int(byte & 0xF)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Ends a line.
    public mutating func newline() { bytes.append(0x0A) }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    private mutating func write(_ value: JSONValue, indent: Int?) {
        switch value {
        case .null: raw("null")
        case .bool(let value): if value { raw("true") } else { raw("false") }
        case .int(let value): number(value)
        // JSON knows no infinities: a quotient without a divisor is written as null.
        case .double(let value): bytes.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
        case .string(let value): string(value)
        case .array(let elements):
            list(elements, open: "[", close: "]", indent: indent) { writer, element, inner in
                writer.write(element, indent: inner)
            }
        case .object(let members):
            let sorted = members.sorted { $0.key < $1.key }
            list(sorted, open: "{", close: "}", indent: indent) { writer, member, inner in
                writer.string(member.key)
                if inner == nil { writer.raw(":") } else { writer.raw(": ") }
                writer.write(member.value, indent: inner)
            }
        }
    }

    private mutating func list<Element>(
        _ elements: [Element], open: StaticString, close: StaticString, indent: Int?,
        each: (inout JSONWriter, Element, Int?) -> Void
    ) {
        raw(open)
        let inner = indent.map { $0 + 1 }
        for (position, element) in elements.enumerated() {
            if position > 0 { raw(",") }
            if let inner { lineBreak(inner) }
            each(&self, element, inner)
        }
        if let indent, !elements.isEmpty { lineBreak(indent) }
        raw(close)
    }

    private mutating func lineBreak(_ level: Int) {
        newline()
        for _ in 0..<level { raw("  ") }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}

extension JSONValue {
    /// One line of JSON.
    public var text: String {
        var writer = JSONWriter()
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Indented JSON with a final newline.
    public var prettyText: String {
        var writer = JSONWriter()
        writer.writePretty(self)
        writer.newline()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
