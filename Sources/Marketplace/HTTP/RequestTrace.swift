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
        /// From Redis, from this server's memory, from the database, in place of the database; `error`: from the
        /// database, since Redis did not answer.
        case hit, memory, miss, stale, error
    }

    /// A copy of all that was recorded.
    public struct Record: Sendable {
        /// In order.
        public var databaseCalls: [DatabaseCall] = []
        /// What the cache said; nil when it was not asked.
        public var cache: CacheResult?
        /// The value of the header `Degraded`.
        public var degraded: String?
        /// What the last read's node is known to have had when the read began: its answer is at least this new.
        public var position: ShardPosition?
    }

    private struct State: Sendable {
        var record = Record()
        /// What the request has to see, and what it has seen; nil for one without a session.
        var token: ConsistencyToken?
        var mapVersion = 1
        var isHeeded = true
        /// By shard: where what this request has written can be seen.
        var commits: [String: ShardPosition] = [:]
        /// What answers must have whoever asks, by shard: a store has just arrived there.
        var arrivals: [String: ShardPosition] = [:]
    }

    /// More calls than this in one request are not told one by one.
    private static let maximumCalls = 16
    private let state = Mutex(State())

    /// Whether a read waits for a replica that has received what it has not replayed, when nobody else has it.
    let waitsForReplicas: Bool

    /// Nothing met yet.
    public init(waitsForReplicas: Bool = true) { self.waitsForReplicas = waitsForReplicas }

    /// What was met so far.
    public var record: Record { state.withLock { $0.record } }

    func database(node: String, duration: Duration) {
        state.withLock {
            guard $0.record.databaseCalls.count < Self.maximumCalls else { return }
            $0.record.databaseCalls.append(DatabaseCall(node: node, duration: duration))
        }
    }

    func cache(_ result: CacheResult) {
        state.withLock { $0.record.cache = result }
    }

    /// Takes over what was recorded while loading on behalf of several requests.
    func merge(_ record: Record) {
        state.withLock {
            $0.record.databaseCalls += record.databaseCalls.prefix(
                Self.maximumCalls - $0.record.databaseCalls.count)
            $0.record.degraded = record.degraded ?? $0.record.degraded
            $0.record.position = record.position ?? $0.record.position
        }
    }

    func degraded(_ text: String?) {
        guard let text else { return }
        state.withLock { $0.record.degraded = text }
    }

    func position(_ position: ShardPosition?) {
        state.withLock { $0.record.position = position }
    }
}

// MARK: The session

extension RequestTrace {
    /// Begins the request of a session.
    /// - Parameters:
    ///   - token: what it brought; nil when it has none.
    ///   - isHeeded: whether it binds; if not, it is only carried on.
    ///   - mapVersion: of the shard map that this server goes by.
    func begin(_ token: ConsistencyToken?, isHeeded: Bool = true, mapVersion: Int) {
        state.withLock {
            $0.token = token
            $0.isHeeded = isHeeded
            $0.mapVersion = mapVersion
        }
    }

    /// Whether the request brought a token, or has written: then what it reads is remembered as well.
    var isSession: Bool { state.withLock { $0.token != nil } }

    /// Whether reads have to say how far their node's data goes.
    var tellsPositions: Bool { state.withLock { $0.token != nil || !$0.arrivals.isEmpty } }

    /// The version of the shard map that the session last met; nil when there is none.
    var metMapVersion: Int? { state.withLock { $0.token?.mapVersion } }

    /// What an answer from this shard must at least have; nil when anything does.
    func requirement(of shard: String) -> ShardPosition? {
        state.withLock { state in
            let seen = state.isHeeded ? state.token?.positions[shard] : nil
            guard let arrival = state.arrivals[shard] else { return seen }
            return seen.map { $0.merged(arrival) } ?? arrival
        }
    }

    /// Something that the request is about has come to a shard: nodes that are behind that do not have it yet.
    func arrived(on shard: String, at position: ShardPosition) {
        state.withLock { $0.arrivals[shard] = $0.arrivals[shard]?.merged(position) ?? position }
    }

    /// The request has written or read a shard.
    /// - Parameter position: nothing that was seen lies beyond it.
    func saw(_ shard: String, _ position: ShardPosition) {
        state.withLock { state in
            var token = state.token ?? ConsistencyToken(mapVersion: state.mapVersion)
            token.saw(shard, position)
            state.token = token
        }
    }

    /// The request has written to a shard.
    /// - Parameter position: whoever is as far sees it.
    func committed(_ shard: String, at position: ShardPosition) {
        state.withLock { $0.commits[shard] = position }
        saw(shard, position)
    }

    /// Where what this request has written to a shard can be seen; nil when it has written nothing there.
    func commit(on shard: String) -> ShardPosition? {
        state.withLock { $0.commits[shard] }
    }

    /// What the client is to carry from here on; nil when it has no session and has written nothing.
    var token: ConsistencyToken? {
        state.withLock { state in
            state.token.map {
                ConsistencyToken(mapVersion: max($0.mapVersion, state.mapVersion), positions: $0.positions)
            }
        }
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
