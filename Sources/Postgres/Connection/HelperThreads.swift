import CLibPQ
import Synchronization

/// The few calls that can only block: resolving a host's name, and libpq 15's only way to cancel. Each gets a thread
/// of its own for as long as it takes, and there are never more than a handful.
enum HelperThreads {
    private static let limit = 8
    private static let running = Atomic<Int>(0)

    /// - Returns: false when the limit is reached or the system has no thread to give; then nothing is run.
    static func run(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        guard running.add(1, ordering: .relaxed).newValue <= limit else {
            running.subtract(1, ordering: .relaxed)
            return false
        }
        let started = SystemThread.start(name: name) {
            body()
            running.subtract(1, ordering: .relaxed)
        }
        if !started { running.subtract(1, ordering: .relaxed) }
        return started
    }
}
