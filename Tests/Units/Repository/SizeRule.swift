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
        for (index, line) in file.lines.enumerated() where line.count > maximumColumns && !file.isLiteral(index) {
            breaches.append(
                Breach(path: file.path, line: index + 1, what: "\(line.count) columns, more than \(maximumColumns)"))
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
    /// Whether a line, counted from 0, stands wholly inside a literal: a page of another language has rules of its own.
    fileprivate func isLiteral(_ index: Int) -> Bool {
        code[index].allSatisfy(\.isWhitespace) && !lines[index].contains(#/^\s*(\/\/|\/\*|\*)/#)
    }
}
