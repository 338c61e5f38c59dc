/// What the compiler cannot check stands beside the reason why it is right.
enum UnsafeRule {
    private static let patterns = [
        "@unchecked Sendable": #"@unchecked\s+Sendable"#,
        "nonisolated(unsafe)": #"nonisolated\(unsafe\)"#,
        "try!": #"\btry!"#,
        "as!": #"\bas!"#,
        "fatalError": #"\bfatalError\("#,
        "unsafeBitCast": #"\bunsafeBitCast\("#,
    ]

    static func breaches(in file: SourceFile) -> [Breach] {
        patterns.sorted { $0.key < $1.key }.flatMap { name, regex in
            file.matches(of: regex).filter { !hasReason(file, line: $0) }.map {
                Breach(path: file.path, line: $0, what: "\(name) without a reason in a comment beside it")
            }
        }
    }

    /// On the same line, or on the lines of comment right above.
    private static func hasReason(_ file: SourceFile, line: Int) -> Bool {
        if file.lines[line - 1].contains(#/\/\/\s*\S/#) { return true }
        return line > 1 && file.lines[line - 2].contains(#/^\s*\/\/+\s*\S/#)
    }
}
