import Synchronization

/// The first activity mark of a paused node, to compare later ones with.
final class ActivityMark: Sendable {
    private let first = Mutex<String?>(nil)

    /// True for the first mark, for equal ones, and where the runtime cannot tell.
    func isUnchanged(_ mark: String?) -> Bool {
        guard let mark else { return true }
        return first.withLock { first in
            defer { first = first ?? mark }
            return first == nil || first == mark
        }
    }
}
