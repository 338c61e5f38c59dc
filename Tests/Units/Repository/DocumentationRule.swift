/// Every public symbol says what it is (CONTRIBUTING.md).
enum DocumentationRule {
    private static let declaration =
        #"^\s*(@\w+(\([^)]*\))?\s+)*(public|open)\s+(private\(set\)\s+|internal\(set\)\s+)?"#
        + #"((static|class|final|indirect|mutating|nonmutating|nonisolated|convenience|required|override|consuming"#
        + #"|borrowing|lazy|weak|isolated)\s+)*"#
        + #"(func|var|let|struct|class|enum|actor|protocol|init|typealias|subscript|associatedtype|macro)\b"#

    /// Members whose documentation is their protocol's, which they only fulfil.
    private static let inherited =
        #"\b(var (description|debugDescription|hashValue|rawValue|errorDescription|startIndex|endIndex|count|id)\b"#
        + #"|func (hash\(into|encode\(to|==|<|index\(|next\(|makeIterator|makeAsyncIterator)"#
        + #"|init\((from |rawValue|stringLiteral|integerLiteral|arrayLiteral|dictionaryLiteral|stringInterpolation)"#
        + #"|typealias \w+|subscript\(position|static func (==|<))"#

    /// - Parameter requirements: what the repository's own protocols ask for, as ``requirements(in:)`` finds it:
    ///   whoever
    ///   fulfils one inherits its documentation.
    static func breaches(in file: SourceFile, requirements: Set<String> = []) -> [Breach] {
        guard let module = file.module, !module.hasSuffix("Command") else { return [] }
        let own = Set(file.matches(of: declaration)).subtracting(file.matches(of: inherited))
        let lines = own.sorted().filter { line in
            !isDocumented(file, line: line) && name(declaredIn: file.code[line - 1]).map(requirements.contains) != true
        }
        return lines.map {
            let text = file.lines[$0 - 1].trimmingPrefix { $0 == " " }
            return Breach(path: file.path, line: $0, what: "no /// above: \(text)")
        }
    }

    /// The names that protocols ask for.
    static func requirements(in files: [SourceFile]) -> Set<String> {
        var names: Set<String> = []
        for file in files {
            for start in file.matches(of: #"^\s*(public\s+)?protocol\s+\w+"#) {
                let end = file.endOfBody(from: start) ?? start
                names.formUnion(file.code[start..<end].compactMap(name(declaredIn:)))
            }
        }
        return names
    }

    /// `check` for a function or a variable, `init(label` for an initializer: what tells a requirement from others.
    private static func name(declaredIn code: String) -> String? {
        code.firstMatch(of: #/\b(?:func|var|let)\s+(\w+)/#).map { String($0.1) }
            ?? code.firstMatch(of: #/\b(init\s*\(\s*\w+\s*\w*)/#).map { String($0.1) }
    }

    private static func isDocumented(_ file: SourceFile, line: Int) -> Bool {
        var index = line - 2
        // Attributes, conditions of compilation and ordinary comments may stand between.
        while index >= 0 {
            let text = file.lines[index].trimmingPrefix { $0 == " " }
            if text.hasPrefix("///") || text.hasSuffix("*/") { return true }
            guard text.hasPrefix("@") || text.hasPrefix("#") || text.hasPrefix("//") else { return false }
            index -= 1
        }
        return false
    }
}
