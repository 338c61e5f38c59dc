import Synchronization

/// How late the generator's own requests leave and by how much a processor oversleeps, the worst since it was last
/// asked: what the machine owes to being busy and not to the service.
public final class SchedulingDelays: Sendable {
    private let worst = Mutex<Int64>(0)

    /// Nothing measured yet.
    public init() {}

    func record(_ nanoseconds: Int64) { worst.withLock { $0 = max($0, nanoseconds) } }

    /// The worst delay since the last call, nanoseconds.
    func take() -> Int64 {
        worst.withLock { worst in
            defer { worst = 0 }
            return worst
        }
    }
}
