import Foundation

/// A source file of this repository, as the rules look at it.
struct SourceFile: Sendable {
    /// From the repository's root.
    let path: String
    let lines: [String]
    /// The same lines without comments and without what stands in string literals.
    let code: [String]
    /// ``code`` in one piece, and where its lines begin in it, in UTF-16 units.
    private let text: String
    private let lineStarts: [Int]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = CodeStripper.strip(lines)
        self.text = code.joined(separator: "\n")
        lineStarts = code.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.utf16.count + 1) }
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
        var numbers: [Int] = []
        for match in regex.matches(in: text, range: NSRange(location: 0, length: lineStarts[code.count] - 1)) {
            // The line of the match's end: a pattern may begin with the blanks of lines before.
            let end = match.range.location + max(match.range.length - 1, 0)
            let number = number(ofLineAt: end)
            if numbers.last != number { numbers.append(number) }
        }
        return numbers
    }

    private func number(ofLineAt position: Int) -> Int {
        var low = 0
        var high = code.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if lineStarts[middle] <= position { low = middle } else { high = middle }
        }
        return low + 1
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

    /// Every Swift file of Sources and Tests, read once.
    static var swiftFiles: [SourceFile] {
        get async { await reading.value }
    }

    // A task that gives way after each file: a lazy constant would hold every thread whose test waits for it.
    private static let reading = Task {
        var files: [SourceFile] = []
        for path in ["Sources", "Tests"].flatMap(swiftPaths) {
            if let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) {
                files.append(SourceFile(path: path, text: text))
            }
            await Task.yield()
        }
        return files
    }

    private static func swiftPaths(under folder: String) -> [String] {
        let walk = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        let paths = walk.map { $0.compactMap { $0 as? String } } ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().map { "\(folder)/\($0)" }
    }
}
