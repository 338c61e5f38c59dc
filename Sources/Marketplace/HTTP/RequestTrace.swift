import Synchronization

/// What one request touched on its way: which node served it, whether the cache had it. Told in Server-Timing, in the
/// access log and by `Degraded`, so that anyone can see where an answer came from.
public final class RequestTrace: Sendable {
    /// One answered call to a database node.
    public struct DatabaseCall: Sendable, Hashable {
        /// The node that answered.
        public let node: String
        /// How long it took.
        public let duration: Duration
    }

    /// How the cache took part.
    public enum CacheResult: String, Sendable {
        case hit, miss, error
    }

    /// A copy of all that was recorded.
    public struct Record: Sendable {
        /// In order.
        public var databaseCalls: [DatabaseCall] = []
        /// What the cache said; nil when it was not asked.
        public var cache: CacheResult?
        /// The value of the header `Degraded`.
        public var degraded: String?
    }

    /// More calls than this in one request are not told one by one.
    private static let maximumCalls = 16
    private let state = Mutex(Record())

    /// Nothing met yet.
    public init() {}

    /// What was met so far.
    public var record: Record { state.withLock { $0 } }

    func database(node: String, duration: Duration) {
        state.withLock {
            guard $0.databaseCalls.count < Self.maximumCalls else { return }
            $0.databaseCalls.append(DatabaseCall(node: node, duration: duration))
        }
    }

    func cache(_ result: CacheResult) {
        state.withLock { $0.cache = result }
    }

    /// Takes over what was recorded while loading on behalf of several requests.
    func merge(_ record: Record) {
        state.withLock {
            $0.databaseCalls += record.databaseCalls.prefix(Self.maximumCalls - $0.databaseCalls.count)
            $0.degraded = record.degraded ?? $0.degraded
        }
    }

    func degraded(_ text: String?) {
        guard let text else { return }
        state.withLock { $0.degraded = text }
    }
}

extension Duration {
    /// Milliseconds with a fraction.
    var milliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) * 1e-15
    }

    /// Seconds with a fraction.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
