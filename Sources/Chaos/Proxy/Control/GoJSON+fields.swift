/// Typed fields, with Go's message when a value is of another kind.
extension GoJSON {
    /// Refuses anything but an object. Null counts as an empty one, as in Go.
    func requireObject(_ type: String) throws(ParseError) {
        switch self {
        case .object, .null: return
        default: throw ParseError(message: "json: cannot unmarshal \(kind) into Go value of type \(type)")
        }
    }

    func string(_ name: String, of type: String) throws(ParseError) -> String? {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value else { throw value.mismatch("\(type).\(name)", "string") }
        return text
    }

    func bool(_ name: String, of type: String) throws(ParseError) -> Bool? {
        guard let value = self[name] else { return nil }
        guard case .bool(let flag) = value else { throw value.mismatch("\(type).\(name)", "bool") }
        return flag
    }

    func double(_ name: String, of type: String) throws(ParseError) -> Double? {
        switch self[name] {
        case nil: return nil
        case .integer(let value)?: return Double(value)
        case .number(let value)?: return value
        case let value?: throw value.mismatch("\(type).\(name)", "float32")
        }
    }

    func integer(_ name: String, of path: String) throws(ParseError) -> Int64? {
        guard let value = self[name] else { return nil }
        switch value {
        case .integer(let number): return number
        case .number: throw ParseError(message: mismatchText("number \(value.text)", "\(path).\(name)", "int64"))
        default: throw value.mismatch("\(path).\(name)", "int64")
        }
    }

    private func mismatch(_ field: String, _ type: String) -> ParseError {
        ParseError(message: mismatchText(kind, field, type))
    }

    private func mismatchText(_ what: String, _ field: String, _ type: String) -> String {
        "json: cannot unmarshal \(what) into Go struct field \(field) of type \(type)"
    }
}
