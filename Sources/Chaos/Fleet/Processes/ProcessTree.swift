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

    /// Processes that have not ended; the root first, then in no order.
    func members() -> [ProcessEntry] {
        let below = ProcessTable.entries(below: directory.string)
        guard let root, let first = ProcessTable.entry(of: root) else { return below }
        let children = Dictionary(grouping: ProcessTable.all(), by: \.parent)
        var members = [first]
        var next = 0
        while next < members.count {
            members += (children[members[next].pid] ?? []).filter { !$0.isEnded }
            next += 1
        }
        let known = Set(members.map(\.pid))
        return members + below.filter { !known.contains($0.pid) }
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
            let members = members()
            if members.isEmpty { throw FleetError.failed("nothing to pause: no process works below \(directory)") }
            for member in members where !member.isStopped { Foundation.kill(member.pid, SIGSTOP) }
            let now = Set(members.filter(\.isStopped).map(\.pid))
            if now.count == members.count, now == stopped { return }
            stopped = now
            try await environment.sleep(.milliseconds(2))
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
            let members = members()
            if members.isEmpty { return }
            for member in members { Foundation.kill(member.pid, SIGKILL) }
            try await environment.sleep(.milliseconds(2))
        }
        throw FleetError.failed("not every process could be ended within \(Self.limit): \(evidence())")
    }

    /// Asks the root to end in its orderly way and returns when none is left; past the limit all are killed.
    func terminate(signal: Int32, within limit: Duration) async throws {
        if let root, ProcessTable.isAlive(root) { Foundation.kill(root.pid, signal) }
        let end = environment.now() + limit
        while environment.now() < end {
            if members().isEmpty { return }
            try await environment.sleep(.milliseconds(5))
        }
        try await kill()
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
