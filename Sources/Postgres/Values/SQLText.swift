/// Text that must stand in a statement itself, since SQL has no parameters there.
enum SQLText {
    /// Each part between dots in double quotes, doubled inside (SQL's quoted identifiers). NUL cannot be quoted.
    static func quoted(identifier: String) -> String {
        identifier.split(separator: ".", omittingEmptySubsequences: false)
            .map { part in
                var quoted = "\""
                for character in part.unicodeScalars where character != "\0" {
                    if character == "\"" { quoted += "\"" }
                    quoted.unicodeScalars.append(character)
                }
                return quoted + "\""
            }
            .joined(separator: ".")
    }
}
