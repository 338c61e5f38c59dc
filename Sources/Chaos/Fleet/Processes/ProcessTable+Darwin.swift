#if os(macOS)
    import Foundation

    /// macOS has no /proc: ps(1) and lsof(8) are asked. Not tested: the suite runs on Linux.
    extension ProcessTable {
        static let bootID = output("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"])
            .trimmingCharacters(in: .whitespacesAndNewlines)

        static func entry(of pid: Int32) -> ProcessEntry? {
            entries(fromPS: output("/bin/ps", ["-p", "\(pid)", "-o", listing])).first
        }

        static func all() -> [ProcessEntry] {
            entries(fromPS: output("/bin/ps", ["-axo", listing]))
        }

        /// Puts a process behind all others that want the processor.
        static func yield(_ pid: Int32) { setpriority(PRIO_PROCESS, id_t(pid), 19) }

        /// ps lists all or one.
        static func children(of pid: Int32) -> [Int32]? { nil }

        static func entries(below directory: String) -> [ProcessEntry] {
            var pids: Set<Int32> = []
            var pid: Int32 = 0
            for line in output("/usr/sbin/lsof", ["-d", "cwd", "-Fpn"]).split(separator: "\n") {
                let value = line.dropFirst()
                if line.first == "p" { pid = Int32(value) ?? 0 }
                if line.first == "n", value == directory || value.hasPrefix(directory + "/") { pids.insert(pid) }
            }
            return all().filter { pids.contains($0.pid) && !$0.isEnded }
        }

        /// Not told by ps: a node that was resumed and paused again between two looks goes unnoticed.
        static func contextSwitches(of pid: Int32) -> UInt64? { nil }

        private static let listing = "pid=,ppid=,state=,lstart="

        /// `  123     1 Ss   Sat Nov 21 05:01:17 2026`
        static func entries(fromPS text: String) -> [ProcessEntry] {
            let format = DateFormatter()
            format.locale = Locale(identifier: "en_US_POSIX")
            format.dateFormat = "EEE MMM d HH:mm:ss yyyy"
            return text.split(separator: "\n").compactMap { line in
                let fields = line.split(separator: " ")
                guard fields.count >= 8, let pid = Int32(fields[0]), let parent = Int32(fields[1]),
                    let state = fields[2].first, let start = format.date(from: fields[3...7].joined(separator: " "))
                else { return nil }
                return ProcessEntry(
                    pid: pid, parent: parent, state: state, startTime: UInt64(start.timeIntervalSince1970))
            }
        }

        private static func output(_ program: String, _ arguments: [String]) -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = arguments
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return "" }
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: data, as: UTF8.self)
        }
    }
#endif
