#if os(Linux)
    import Foundation

    /// Linux: /proc, see proc(5).
    extension ProcessTable {
        static let bootID =
            read("/proc/sys/kernel/random/boot_id")?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""

        static func entry(of pid: Int32) -> ProcessEntry? {
            guard let text = read("/proc/\(pid)/stat") else { return nil }
            return entry(fromStat: text)
        }

        /// Every process, ended ones included.
        static func all() -> [ProcessEntry] {
            pids().compactMap { entry(of: $0) }
        }

        /// Processes whose working directory is `directory` or below, also when it has been deleted meanwhile.
        static func entries(below directory: String) -> [ProcessEntry] {
            pids().filter { pid in
                guard let working = workingDirectory(of: pid) else { return false }
                return working == directory || working.hasPrefix(directory + "/")
                    || working == directory + " (deleted)"
            }.compactMap { entry(of: $0) }.filter { !$0.isEnded }
        }

        /// How often the process's first thread was given up or taken off a processor; a stopped one's stays the same.
        static func contextSwitches(of pid: Int32) -> UInt64? {
            guard let text = read("/proc/\(pid)/status") else { return nil }
            let counts = text.split(separator: "\n").filter { $0.contains("ctxt_switches:") }
            return counts.reduce(0) { $0 + (UInt64($1.split(separator: "\t").last ?? "") ?? 0) }
        }

        /// Field 2 is the program's name in parentheses and may hold anything, so the rest is counted from the last
        /// `)`.
        static func entry(fromStat text: String) -> ProcessEntry? {
            guard let close = text.lastIndex(of: ")"), let pid = Int32(text.prefix { $0 != " " }) else { return nil }
            let fields = text[text.index(after: close)...].split(separator: " ")
            guard fields.count > 19, let state = fields[0].first, let parent = Int32(fields[1]),
                let startTime = UInt64(fields[19])
            else { return nil }
            return ProcessEntry(pid: pid, parent: parent, state: state, startTime: startTime)
        }

        private static func pids() -> [Int32] {
            guard let directory = opendir("/proc") else { return [] }
            defer { closedir(directory) }
            var pids: [Int32] = []
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if let pid = Int32(name) { pids.append(pid) }
            }
            return pids
        }

        private static func workingDirectory(of pid: Int32) -> String? {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1024) { buffer in
                let count = readlink("/proc/\(pid)/cwd", buffer.baseAddress!, buffer.count)
                return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
            }
        }

        /// The start of a /proc file; they are short and come whole in one read.
        private static func read(_ path: String) -> String? {
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { return nil }
            defer { close(file) }
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 8192) { buffer in
                let count = Glibc.read(file, buffer.baseAddress, buffer.count)
                return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
            }
        }
    }
#endif
