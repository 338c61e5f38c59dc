import Synchronization

/// What was first seen of each node, to compare later looks with: a paused node's activity, a position in a log.
final class FirstMarks: Sendable {
    private let first = Mutex<[String: String]>([:])

    /// True for a node's first mark, for equal ones, and where the runtime cannot tell.
    func isUnchanged(_ mark: String?, of node: String) -> Bool {
        guard let mark else { return true }
        return first.withLock { first in
            defer { first[node] = first[node] ?? mark }
            return first[node] == nil || first[node] == mark
        }
    }
}
