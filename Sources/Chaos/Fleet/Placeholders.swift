/// `{{name}}` in a topology's texts.
enum Placeholders {
    /// - Parameter value: what stands for a name; nil: unknown here.
    /// - Throws: ``FleetError`` that names the placeholder and those there are.
    static func fill(_ text: String, value: (String) throws -> String?) throws -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw FleetError.usage("`\(text)` has {{ without }}: close the placeholder")
            }
            let name = String(rest[open.upperBound..<close.lowerBound])
            guard let filled = try value(name) else {
                throw FleetError.usage(
                    "`\(text)`: {{\(name)}} means nothing here; use {{link:NODE}}, {{name}}, or in a service {{port}}")
            }
            result += rest[..<open.lowerBound] + filled
            rest = rest[close.upperBound...]
        }
        return result + rest
    }

    /// The names in a text, in order.
    static func names(in text: String) throws -> [String] {
        var names: [String] = []
        _ = try fill(text) { name in
            names.append(name)
            return ""
        }
        return names
    }
}
