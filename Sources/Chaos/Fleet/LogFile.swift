import Foundation
import SystemPackage

/// A node's log, quoted in errors.
struct LogFile: Sendable {
    var path: FilePath

    init(_ path: FilePath) { self.path = path }

    /// The last lines, at most 4 kB; says so when there are none.
    func tail(lines: Int = 8) -> String {
        guard let file = FileHandle(forReadingAtPath: path.string) else { return "(there is no log at \(path))" }
        defer { try? file.close() }
        let size = (try? file.seekToEnd()) ?? 0
        try? file.seek(toOffset: size > 4096 ? size - 4096 : 0)
        let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
        let last = text.split(separator: "\n").suffix(lines)
        return last.isEmpty ? "(the log \(path) is empty)" : last.map { "  | \($0)" }.joined(separator: "\n")
    }
}
