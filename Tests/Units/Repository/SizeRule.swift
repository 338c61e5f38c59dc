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
        for index in file.lines.indices where file.columns(ofLineAt: index) > maximumColumns {
            breaches.append(Breach(path: file.path, line: index + 1, what: "more than \(maximumColumns) columns"))
        }
        return breaches + longFunctions(in: file)
    }

    private static func longFunctions(in file: SourceFile) -> [Breach] {
        file.matches(of: #"\bfunc\s+[\w`]+|\binit[?!]?\s*[<(]|\bfunc\s+[^\s\w]+\s*\("#).compactMap { start in
            guard let end = file.endOfBody(from: start), end - start + 1 > maximumFunctionLines else {
                return nil
            }
            let length = end - start + 1
            return Breach(
                path: file.path, line: start, what: "a function of \(length) lines, more than \(maximumFunctionLines)")
        }
    }
}

extension SourceFile {
    /// The width of a line, counted from 0, without what stands in literals: a sentence, a statement of SQL or a page
    /// is not made better by being cut.
    fileprivate func columns(ofLineAt index: Int) -> Int {
        lines[index].utf8.count <= SizeRule.maximumColumns
            ? 0 : lines[index].contains(#/^\s*\/\//#) ? lines[index].count : code[index].count
    }
}
