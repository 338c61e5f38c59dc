/// Blanks comments and the insides of string literals, so that a rule about code is not broken by prose.
///
/// It knows `//`, nested `/* */`, `"…"`, `"""…"""` and their `#` forms; interpolated code is blanked with its literal.
enum CodeStripper {
    private enum State {
        case code
        case comment(depth: Int)
        case string(hashes: Int, isMultiline: Bool)
    }

    static func strip(_ lines: [String]) -> [String] {
        var state = State.code
        return lines.map { strip($0, &state) }
    }

    private static func strip(_ line: String, _ state: inout State) -> String {
        let characters = Array(line)
        var result = ""
        var index = 0
        func isNext(_ text: String) -> Bool { characters[index...].starts(with: text) }
        while index < characters.count {
            switch state {
            case .comment(let depth):
                if isNext("*/") {
                    state = depth == 1 ? .code : .comment(depth: depth - 1)
                    index += 2
                } else if isNext("/*") {
                    state = .comment(depth: depth + 1)
                    index += 2
                } else {
                    index += 1
                }
            case .string(let hashes, let isMultiline):
                let quotes = (isMultiline ? "\"\"\"" : "\"") + String(repeating: "#", count: hashes)
                if isNext(quotes) {
                    result += "\""
                    state = .code
                    index += quotes.count
                } else {
                    index += hashes == 0 && isNext("\\") ? 2 : 1
                }
            case .code:
                if isNext("//") { return result }
                let hashes = characters[index...].prefix { $0 == "#" }.count
                if isNext("/*") {
                    state = .comment(depth: 1)
                    index += 2
                } else if characters[(index + hashes)...].first == "\"" {
                    index += hashes
                    state = .string(hashes: hashes, isMultiline: isNext("\"\"\""))
                    result += "\""
                    index += isNext("\"\"\"") ? 3 : 1
                } else {
                    result.append(characters[index])
                    index += 1
                }
            }
        }
        // A literal of one line ends with it, whatever was missed in it.
        if case .string(_, isMultiline: false) = state { state = .code }
        return result
    }
}
