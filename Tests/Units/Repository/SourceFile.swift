import Foundation

/// A source file of this repository, as the rules look at it.
struct SourceFile: Sendable {
    /// From the repository's root.
    let path: String
    let lines: [String]
    /// The same lines without comments and without what stands in string literals.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = CodeStripper.strip(lines)
    }

    /// `Chaos` for `Sources/Chaos/Fleet/Topology.swift`, nil for tests.
    var module: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    var isTest: Bool { path.hasPrefix("Tests/") }
}

extension SourceFile {
    /// The numbers, from 1, of the lines of code that a pattern matches; `^` and `$` are a line's ends.
    func matches(of pattern: String) -> [Int] {
        // Foundation's expressions rather than Swift's: they know lookbehind, and take a tenth of the time.
        guard let regex = try? NSRegularExpression(pattern: pattern, options: .anchorsMatchLines) else {
            preconditionFailure("\(pattern) is no regular expression")
        }
        let text = code.joined(separator: "\n") as NSString
        let lineStarts = code.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.utf16.count + 1) }
        var numbers: [Int] = []
        for match in regex.matches(in: text as String, range: NSRange(location: 0, length: text.length)) {
            // The line of the match's end: a pattern may begin with the blanks of lines before.
            let end = match.range.location + max(match.range.length - 1, 0)
            let number = lineStarts.firstIndex { $0 > end } ?? lineStarts.count
            if numbers.last != number { numbers.append(number) }
        }
        return numbers
    }
}

/// A breach of a rule, said so that an editor can jump to it.
struct Breach: Sendable, Hashable, CustomStringConvertible {
    let path: String
    let line: Int
    let what: String

    var description: String { "\(path):\(line): \(what)" }
}

/// The repository that this test was built from.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file of Sources and Tests.
    static let swiftFiles: [SourceFile] = ["Sources", "Tests"].flatMap { files(under: $0, suffixes: [".swift"]) }

    static func files(under folder: String, suffixes: [String]) -> [SourceFile] {
        let start = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(atPath: start.path) else { return [] }
        return walk.compactMap { $0 as? String }
            .filter { path in suffixes.contains { path.hasSuffix($0) } }
            .sorted()
            .compactMap { path in
                let text = try? String(contentsOf: start.appending(path: path), encoding: .utf8)
                return text.map { SourceFile(path: "\(folder)/\(path)", text: $0) }
            }
    }
}
