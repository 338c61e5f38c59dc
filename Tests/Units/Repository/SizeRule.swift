/// Small files, small functions, short lines (CONTRIBUTING.md).
enum SizeRule {
    static let maximumFileLines = 300
    static let maximumFunctionLines = 70
    static let maximumColumns = 120

    static func breaches(in file: SourceFile) -> [Breach] {
        var breaches: [Breach] = []
        if file.lines.count > maximumFileLines + 1 {
            breaches.append(
                Breach(
                    path: file.path, line: file.lines.count,
                    what: "\(file.lines.count) lines, more than \(maximumFileLines): split it by meaning"))
        }
        for (index, line) in file.lines.enumerated() where line.count > maximumColumns {
            breaches.append(
                Breach(path: file.path, line: index + 1, what: "\(line.count) columns, more than \(maximumColumns)"))
        }
        return breaches + longFunctions(in: file)
    }

    private static func longFunctions(in file: SourceFile) -> [Breach] {
        file.matches(of: #"\bfunc\s+[\w`]+|\binit[?!]?\s*[<(]|\bfunc\s+[^\s\w]+\s*\("#).compactMap { start in
            guard let end = endOfBody(in: file.code, from: start - 1), end - start + 1 > maximumFunctionLines else {
                return nil
            }
            let length = end - start + 1
            return Breach(
                path: file.path, line: start, what: "a function of \(length) lines, more than \(maximumFunctionLines)")
        }
    }

    /// The number of the line that closes the braces opened by a declaration; nil for one without a body.
    private static func endOfBody(in code: [String], from start: Int) -> Int? {
        var depth = 0
        var hasOpened = false
        for index in start..<min(start + 1000, code.count) {
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
