/// JSON as Go's `encoding/json` reads and writes it: objects in order, integers apart, the parser's own messages, for
/// the control API answers a bad body in those words.
indirect enum GoJSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([GoJSON])
    case object([Field])

    struct Field: Sendable, Equatable {
        var name: String
        var value: GoJSON
    }

    struct ParseError: Error, Equatable {
        var message: String
    }

    /// What Go calls this kind of value in a message.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .integer, .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The last field of that name, as in Go; nil when it is missing or null.
    subscript(name: String) -> GoJSON? {
        guard case .object(let fields) = self else { return nil }
        let value = fields.last { $0.name == name }?.value
        return value == .null ? nil : value
    }

    /// Compact, in the order given, with Go's escapes.
    var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .number(let value): value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
        case .string(let value): Self.quoted(value)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let fields):
            "{" + fields.map { "\(Self.quoted($0.name)):\($0.value.text)" }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
