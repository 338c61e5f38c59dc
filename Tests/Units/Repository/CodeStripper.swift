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
        let bytes = Array(line.utf8)
        var result: [UInt8] = []
        var index = 0
        func isNext(_ text: StaticString) -> Bool {
            index + text.utf8CodeUnitCount <= bytes.count
                && (0..<text.utf8CodeUnitCount).allSatisfy { bytes[index + $0] == text.utf8Start[$0] }
        }
        func hashes(from start: Int) -> Int {
            bytes[min(start, bytes.count)...].prefix { $0 == UInt8(ascii: "#") }.count
        }
        while index < bytes.count {
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
            case .string(let count, let isMultiline):
                let quotes = isMultiline ? 3 : 1
                if isNext(isMultiline ? "\"\"\"" : "\""), hashes(from: index + quotes) >= count {
                    result.append(UInt8(ascii: "\""))
                    state = .code
                    index += quotes + count
                } else {
                    index += count == 0 && isNext("\\") ? 2 : 1
                }
            case .code:
                if isNext("//") { return String(decoding: result, as: UTF8.self) }
                let count = hashes(from: index)
                if isNext("/*") {
                    state = .comment(depth: 1)
                    index += 2
                } else if index + count < bytes.count, bytes[index + count] == UInt8(ascii: "\"") {
                    index += count
                    state = .string(hashes: count, isMultiline: isNext("\"\"\""))
                    result.append(UInt8(ascii: "\""))
                    index += isNext("\"\"\"") ? 3 : 1
                } else {
                    result.append(bytes[index])
                    index += 1
                }
            }
        }
        // A literal of one line ends with it, whatever was missed in it.
        if case .string(_, isMultiline: false) = state { state = .code }
        return String(decoding: result, as: UTF8.self)
    }
}
