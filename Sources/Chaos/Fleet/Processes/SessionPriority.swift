import Foundation

/// The weight that Linux gives a session's processes together, before any thread's own priority counts
/// (sched(7), "The autogroup feature").
struct SessionPriority: Sendable {
    /// Where the kernel keeps it; it is there when the feature is.
    var file = "/proc/self/autogroup"

    /// Sets it, as a nice value, and returns what it was; nil where it cannot be set. Below 0 takes privileges.
    func set(_ nice: Int) -> Int? {
        // "/autogroup-123 nice 0"
        guard let content = FileManager.default.contents(atPath: file),
            let before = String(decoding: content, as: UTF8.self).split(whereSeparator: \.isWhitespace).last
                .flatMap({ Int($0) }),
            let handle = FileHandle(forWritingAtPath: file)
        else { return nil }
        defer { try? handle.close() }
        do { try handle.write(contentsOf: Data("\(nice)".utf8)) } catch { return nil }
        return before
    }
}
