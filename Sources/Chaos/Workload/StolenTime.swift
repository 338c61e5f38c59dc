import Foundation

/// How much of its processors a hypervisor kept from this machine ("steal" in `/proc/stat`, proc_stat(5)). Many short
/// absences slow a service down as a long one does, and no sleeper is late by much.
///
/// A reading takes some tens of microseconds.
struct StolenTime {
    /// Where the kernel tells it; elsewhere nothing is known to be stolen.
    private let file: String
    /// By processor, ticks of a hundredth of a second (`USER_HZ`).
    private var before: [Substring: Int64]?

    private static let tick: Int64 = 10_000_000

    init(file: String = "/proc/stat") { self.file = file }

    /// Nanoseconds that the processor which lost most has lost since the last call; 0 at the first.
    mutating func take() -> Int64 {
        guard let content = FileManager.default.contents(atPath: file) else { return 0 }
        let now = Self.ticks(String(decoding: content, as: UTF8.self))
        defer { before = now }
        guard let before else { return 0 }
        // A processor that was not there before has lost nothing yet.
        let most = now.map { processor, ticks in ticks - (before[processor] ?? ticks) }.max() ?? 0
        return max(0, most) * Self.tick
    }

    private static func ticks(_ text: String) -> [Substring: Int64] {
        var ticks: [Substring: Int64] = [:]
        for line in text.split(separator: "\n") {
            // "cpu0 user nice system idle iowait irq softirq steal guest guest_nice"; "cpu" alone is the sum.
            guard line.hasPrefix("cpu") else { break }
            let fields = line.split(separator: " ")
            guard fields.count > 8, fields[0] != "cpu", let stolen = Int64(fields[8]) else { continue }
            ticks[fields[0]] = stolen
        }
        return ticks
    }
}
