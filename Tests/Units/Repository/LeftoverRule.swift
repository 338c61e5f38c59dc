/// Nothing is left for later in the code: what is still to come stands in docs/decisions.
enum LeftoverRule {
    private static let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

    static func breaches(in file: SourceFile) -> [Breach] {
        guard let regex = try? Regex("\\b(\(words.joined(separator: "|")))\\b") else { return [] }
        return file.lines.indices.filter { file.lines[$0].contains(regex) }.map {
            Breach(
                path: file.path, line: $0 + 1,
                what: "something is left to be done: do it, or decide it in docs/decisions")
        }
    }
}
