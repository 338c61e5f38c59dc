/// Text that must stand in a statement itself, since SQL has no parameters there.
enum SQLText {
    /// In double quotes, doubled inside (SQL's quoted identifiers). NUL cannot be quoted and is left out.
    /// - Parameter separating: whether a dot ends one identifier and begins the next.
    static func quoted(identifier: String, separating: Bool = true) -> String {
        var quoted = "\""
        for character in identifier.unicodeScalars where character != "\0" {
            if separating, character == "." {
                quoted += "\".\""
                continue
            }
            if character == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }
}
