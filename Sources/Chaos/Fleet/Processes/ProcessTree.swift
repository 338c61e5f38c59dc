import Foundation
import SystemPackage

/// All processes of one node: the one that was started, whatever descends from it, and whatever works below the node's
/// directory. The last finds Postgres children that outlived their postmaster.
///
/// A pause that stops only the first process is none: Postgres backends have sessions of their own, and with just the
/// postmaster stopped inserts go on committing; with just it killed, a busy backend commits seconds later.
struct ProcessTree: Sendable {
    /// Nil or ended: only the directory counts.
    var root: ProcessIdentity?
    var directory: FilePath
    var environment: FleetEnvironment

    /// Longer means that a process hangs in the kernel.
    static let limit = Duration.seconds(5)
    /// From one look at processes that are known to the next.
    private static let lookInterval = Duration.milliseconds(5)

    /// Processes that have not ended; the root first, then in no order.
    func members() -> [ProcessEntry] {
        let below = ProcessTable.entries(below: directory.string)
        guard let root, let first = ProcessTable.entry(of: root) else { return below }
        let descendants = Self.descendants(of: first, among: Dictionary(below.map { ($0.pid, $0) }) { one, _ in one })
        let known = Set(descendants.map(\.pid))
        return descendants + below.filter { !known.contains($0.pid) }
    }

    /// The process and whatever descends from it.
    /// - Parameter known: entries that need not be read again.
    private static func descendants(of first: ProcessEntry, among known: [Int32: ProcessEntry]) -> [ProcessEntry] {
        var members = [first]
        var next = 0
        // Where the system does not say who the children are, everybody is asked for the parent.
        var everybody: [Int32: [ProcessEntry]]?
        while next < members.count {
            let pid = members[next].pid
            next += 1
            if everybody == nil, let children = ProcessTable.children(of: pid) {
                members += children.compactMap { known[$0] ?? ProcessTable.entry(of: $0) }.filter { !$0.isEnded }
            } else {
                let all = everybody ?? Dictionary(grouping: ProcessTable.all(), by: \.parent)
                everybody = all
                members += (all[pid] ?? []).filter { !$0.isEnded }
            }
        }
        return members
    }

    func state() -> NodeState {
        let members = members()
        if members.isEmpty { return .exited }
        if members.allSatisfy(\.isStopped) { return .paused }
        return members.contains(where: \.isStopped) ? .partlyPaused : .running
    }

    /// Stops the root first, so that it starts no more children, then those it has, until all are seen to stand.
    func pause() async throws {
        if let root, ProcessTable.isAlive(root) { Foundation.kill(root.pid, SIGSTOP) }
        let end = environment.now() + Self.limit
        var stopped: Set<Int32> = []
        while environment.now() < end {
            var members = members()
            if members.isEmpty { throw FleetError.failed("nothing to pause: no process works below \(directory)") }
            // Whoever could have started another stood before this look.
            if members.allSatisfy(\.isStopped), Set(members.map(\.pid)) == stopped { return }
            for member in members where !member.isStopped { Foundation.kill(member.pid, SIGSTOP) }
            try await look(at: &members, until: end) { $0.isStopped }
            stopped = Set(members.map(\.pid))
        }
        throw FleetError.failed("not every process could be stopped within \(Self.limit): \(evidence())")
    }

    /// Lets the children go first: a root that ran alone would find them not answering.
    func resume() async throws {
        let end = environment.now() + Self.limit
        while environment.now() < end {
            let stopped = members().filter(\.isStopped)
            if stopped.isEmpty { return }
            for member in stopped.reversed() { Foundation.kill(member.pid, SIGCONT) }
            try await environment.sleep(.milliseconds(2))
        }
        throw FleetError.failed("not every process could be resumed within \(Self.limit): \(evidence())")
    }

    /// Stops, lists and ends all, and returns when none is left.
    func kill() async throws {
        if let root, ProcessTable.isAlive(root) { Foundation.kill(root.pid, SIGSTOP) }
        let end = environment.now() + Self.limit
        while environment.now() < end {
            var members = members()
            if members.isEmpty { return }
            for member in members {
                ProcessTable.yield(member.pid)
                Foundation.kill(member.pid, SIGKILL)
            }
            try await look(at: &members, until: end) { _ in false }
        }
        throw FleetError.failed("not every process could be ended within \(Self.limit): \(evidence())")
    }

    /// Asks the root to end in its orderly way and returns when none is left; past the limit all are killed.
    func terminate(signal: Int32, within limit: Duration) async throws {
        if let root, ProcessTable.isAlive(root) { Foundation.kill(root.pid, signal) }
        let end = environment.now() + limit
        while environment.now() < end {
            var members = members()
            if members.isEmpty { return }
            try await look(at: &members, until: end) { _ in false }
        }
        try await kill()
    }

    /// Looks again and again until each of these has ended or is `done`; those that have ended are taken out.
    ///
    /// Only at these: a look at all processes of the machine takes milliseconds, and in a loop it takes the processor
    /// from the very processes it waits for.
    private func look(
        at members: inout [ProcessEntry], until end: ContinuousClock.Instant, done: (ProcessEntry) -> Bool
    ) async throws {
        while true {
            members = members.compactMap { member in
                guard let now = ProcessTable.entry(of: member.pid), now.startTime == member.startTime else {
                    return nil
                }
                return now.isEnded ? nil : now
            }
            if members.allSatisfy(done) || environment.now() >= end { return }
            try await environment.sleep(Self.lookInterval)
        }
    }

    /// Pids and their states, for people: `412 T, 415 T`.
    func evidence() -> String {
        let members = members()
        if members.isEmpty { return "no process" }
        return members.prefix(12).map { "\($0.pid) \($0.state)" }.joined(separator: ", ")
            + (members.count > 12 ? " and \(members.count - 12) more" : "")
    }

    /// Changes whenever one of the processes has run.
    func activityMark() -> String? {
        let marks = members().map { member in
            ProcessTable.contextSwitches(of: member.pid).map { "\(member.pid):\($0)" }
        }
        guard marks.allSatisfy({ $0 != nil }) else { return nil }
        return marks.compactMap(\.self).sorted().joined(separator: " ")
    }
}
