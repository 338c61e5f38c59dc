/// Reads one JSON value from the start of a body, as Go's decoder does: what follows it is not looked at.
struct GoJSONParser {
    private var rest: Substring.UnicodeScalarView
    private static let greatestDepth = 32

    static func parse(_ body: String) throws(GoJSON.ParseError) -> GoJSON {
        var parser = GoJSONParser(rest: Substring(body).unicodeScalars)
        parser.skipSpace()
        guard !parser.rest.isEmpty else { throw GoJSON.ParseError(message: "EOF") }
        return try parser.value(depth: 0)
    }

    private mutating func value(depth: Int) throws(GoJSON.ParseError) -> GoJSON {
        guard depth < Self.greatestDepth else { throw GoJSON.ParseError(message: "exceeded max depth") }
        skipSpace()
        let first = try peek()
        switch first {
        case "{": return try object(depth: depth)
        case "[": return try array(depth: depth)
        case "\"": return .string(try string())
        case "t": return try literal("true", .bool(true))
        case "f": return try literal("false", .bool(false))
        case "n": return try literal("null", .null)
        case "-", "0"..."9": return try number()
        default: throw invalid(first, "looking for beginning of value")
        }
    }

    private mutating func object(depth: Int) throws(GoJSON.ParseError) -> GoJSON {
        rest.removeFirst()
        var fields: [GoJSON.Field] = []
        skipSpace()
        if try peek() == "}" {
            rest.removeFirst()
            return .object([])
        }
        while true {
            skipSpace()
            let first = try peek()
            guard first == "\"" else { throw invalid(first, "looking for beginning of object key string") }
            let name = try string()
            skipSpace()
            let colon = try peek()
            guard colon == ":" else { throw invalid(colon, "after object key") }
            rest.removeFirst()
            fields.append(GoJSON.Field(name: name, value: try value(depth: depth + 1)))
            skipSpace()
            let next = try take()
            if next == "}" { return .object(fields) }
            guard next == "," else { throw invalid(next, "after object key:value pair") }
        }
    }

    private mutating func array(depth: Int) throws(GoJSON.ParseError) -> GoJSON {
        rest.removeFirst()
        var values: [GoJSON] = []
        skipSpace()
        if try peek() == "]" {
            rest.removeFirst()
            return .array([])
        }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            let next = try take()
            if next == "]" { return .array(values) }
            guard next == "," else { throw invalid(next, "after array element") }
        }
    }

    private mutating func string() throws(GoJSON.ParseError) -> String {
        rest.removeFirst()
        var result = String.UnicodeScalarView()
        while true {
            let scalar = try take()
            switch scalar {
            case "\"": return String(result)
            case "\\": result.append(try escape())
            case "\u{0}"..<"\u{20}": throw invalid(scalar, "in string literal")
            default: result.append(scalar)
            }
        }
    }

    private mutating func escape() throws(GoJSON.ParseError) -> Unicode.Scalar {
        let scalar = try take()
        switch scalar {
        case "\"", "\\", "/": return scalar
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            let unit = try hexadecimal()
            guard (0xD800..<0xDC00).contains(unit), rest.starts(with: "\\u".unicodeScalars) else {
                return Unicode.Scalar(unit) ?? "\u{FFFD}"
            }
            rest.removeFirst(2)
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { return "\u{FFFD}" }
            return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
        default: throw invalid(scalar, "in string escape code")
        }
    }

    private mutating func hexadecimal() throws(GoJSON.ParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let scalar = try take()
            guard let digit = Character(scalar).hexDigitValue else {
                throw invalid(scalar, "in \\u hexadecimal character escape")
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private mutating func number() throws(GoJSON.ParseError) -> GoJSON {
        var text = ""
        while let scalar = rest.first, "+-.eE0123456789".unicodeScalars.contains(scalar), text.utf8.count < 64 {
            text.unicodeScalars.append(scalar)
            rest.removeFirst()
        }
        if let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            throw GoJSON.ParseError(message: "invalid number literal \(text)")
        }
        return .number(value)
    }

    private mutating func literal(_ word: String, _ value: GoJSON) throws(GoJSON.ParseError) -> GoJSON {
        for expected in word.unicodeScalars {
            let scalar = try take()
            guard scalar == expected else {
                throw invalid(scalar, "in literal \(word) (expecting '\(expected)')")
            }
        }
        return value
    }

    private mutating func skipSpace() {
        while let scalar = rest.first, " \t\r\n".unicodeScalars.contains(scalar) {
            rest.removeFirst()
        }
    }

    private func peek() throws(GoJSON.ParseError) -> Unicode.Scalar {
        guard let scalar = rest.first else { throw GoJSON.ParseError(message: "unexpected EOF") }
        return scalar
    }

    private mutating func take() throws(GoJSON.ParseError) -> Unicode.Scalar {
        let scalar = try peek()
        rest.removeFirst()
        return scalar
    }

    private func invalid(_ scalar: Unicode.Scalar, _ place: String) -> GoJSON.ParseError {
        GoJSON.ParseError(message: "invalid character '\(scalar)' \(place)")
    }
}
