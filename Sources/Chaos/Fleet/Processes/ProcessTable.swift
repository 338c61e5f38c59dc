import Foundation

/// What the operating system says of its processes. How it is asked differs, see `ProcessTable+Linux.swift` and
/// `ProcessTable+Darwin.swift`.
struct ProcessEntry: Sendable, Equatable {
    var pid: Int32
    var parent: Int32
    /// `R` running, `S` sleeping, `D` waiting for a device, `T` stopped, `t` traced, `Z` ended and not yet collected.
    var state: Character
    /// In the system's own ticks since boot; with the pid it names one process.
    var startTime: UInt64

    var isStopped: Bool { state == "T" || state == "t" }
    /// Ended, whether its parent has collected it or not.
    var isEnded: Bool { state == "Z" || state == "X" }
}

enum ProcessTable {}

extension ProcessTable {
    /// This process.
    static let own: ProcessIdentity =
        identity(of: getpid()) ?? ProcessIdentity(pid: getpid(), startTime: 0, bootID: bootID)

    static func identity(of pid: Int32) -> ProcessIdentity? {
        entry(of: pid).map { ProcessIdentity(pid: pid, startTime: $0.startTime, bootID: bootID) }
    }

    /// The process's entry if it is still the same process and has not ended.
    static func entry(of identity: ProcessIdentity) -> ProcessEntry? {
        guard identity.bootID == bootID else { return nil }
        collect(identity.pid)
        guard let entry = entry(of: identity.pid), entry.startTime == identity.startTime, !entry.isEnded else {
            return nil
        }
        return entry
    }

    static func isAlive(_ identity: ProcessIdentity) -> Bool { entry(of: identity) != nil }

    /// Collects an ended child of ours so that its pid becomes free; does nothing for anyone else's process.
    static func collect(_ pid: Int32) {
        var status: Int32 = 0
        _ = waitpid(pid, &status, WNOHANG)
    }
}
