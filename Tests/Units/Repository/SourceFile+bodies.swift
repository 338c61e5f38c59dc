extension SourceFile {
    /// The number, from 1, of the line that closes the braces opened by a declaration; nil for one without a body.
    func endOfBody(from line: Int) -> Int? {
        var depth = 0
        var hasOpened = false
        for index in line - 1..<min(line + 1000, code.count) {
            for character in code[index] {
                if character == "{" {
                    depth += 1
                    hasOpened = true
                } else if character == "}" {
                    depth -= 1
                    // A requirement of a protocol has no body: the protocol ends first.
                    if depth < 0 { return nil }
                    if hasOpened, depth == 0 { return index + 1 }
                }
            }
            // A blank line before any brace: it was a call or a requirement.
            if !hasOpened, code[index].allSatisfy(\.isWhitespace) { return nil }
        }
        return nil
    }
}
