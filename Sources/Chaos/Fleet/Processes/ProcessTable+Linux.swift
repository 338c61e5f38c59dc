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

        /// Puts a process behind all others that want the processor, and its session, which the kernel weighs first.
        /// What is killed has to give back its memory: twenty backends, each a session of its own, would take the
        /// processor from the services that should not notice.
        static func yield(_ pid: Int32) {
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(pid), 19)
            _ = SessionPriority(file: "/proc/\(pid)/autogroup").set(19)
        }

        /// Pids of the children of all its threads; nil where the kernel does not list them (CONFIG_PROC_CHILDREN).
        static func children(of pid: Int32) -> [Int32]? {
            var children: [Int32] = []
            for thread in numbers(in: "/proc/\(pid)/task") {
                guard let text = read("/proc/\(pid)/task/\(thread)/children", limit: 65_536) else {
                    // Gone since, or never listed.
                    if access("/proc/self/task/\(getpid())/children", R_OK) == 0 { continue }
                    return nil
                }
                children += text.utf8.split(separator: UInt8(ascii: " ")).compactMap { Int32(Substring($0)) }
            }
            return children
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
            // By bytes, since a look at all processes takes hundreds of these apart.
            let (bytes, space) = (text.utf8, UInt8(ascii: " "))
            guard let close = bytes.lastIndex(of: UInt8(ascii: ")")),
                let pid = Int32(Substring(bytes.prefix { $0 != space }))
            else { return nil }
            let fields = bytes[bytes.index(after: close)...].split(separator: space, maxSplits: 20)
            guard fields.count > 19, let state = fields[0].first, let parent = Int32(Substring(fields[1])),
                let startTime = UInt64(Substring(fields[19]))
            else { return nil }
            return ProcessEntry(
                pid: pid, parent: parent, state: Character(Unicode.Scalar(state)), startTime: startTime)
        }

        private static func pids() -> [Int32] { numbers(in: "/proc") }

        /// The entries of a directory that are numbers.
        private static func numbers(in path: String) -> [Int32] {
            guard let directory = opendir(path) else { return [] }
            defer { closedir(directory) }
            var numbers: [Int32] = []
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if let number = Int32(name) { numbers.append(number) }
            }
            return numbers
        }

        private static func workingDirectory(of pid: Int32) -> String? {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1024) { buffer in
                let count = readlink("/proc/\(pid)/cwd", buffer.baseAddress!, buffer.count)
                return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
            }
        }

        /// A /proc file, or its start; a page at a time is all that some of them give.
        private static func read(_ path: String, limit: Int = 8192) -> String? {
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { return nil }
            defer { close(file) }
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: limit) { buffer in
                var count = 0
                while count < limit {
                    let more = Glibc.read(file, buffer.baseAddress! + count, limit - count)
                    if more <= 0 { break }
                    count += more
                }
                return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
            }
        }
    }
#endif
