import NIOCore
import Redis

/// Products and pages of their lists in Redis: what is kept where, and how a change takes it away.
///
/// A plain delete would leave a hole: a reader that began before the change, or one that asks a replica which has not
/// caught up, would put the old value back for its whole lifetime. So a changed product leaves an empty mark for the
/// hold-off, which fills (`NX`) do not replace; and a page counts only under the generation that its reader saw before
/// it asked the database, with fills held off in the same way.
struct ProductCache: Sendable {
    /// What a look-up found.
    enum Lookup: Sendable {
        case hit(CacheEntry)
        /// Not there; the tag for filling it, nil when it must not be filled now.
        case miss(fillTag: String?)
    }

    let redis: RedisClient
    let settings: CacheSettings
    let environment: Environment

    private static let invalidation = RedisScript(
        """
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        redis.call('SET', KEYS[2], '', 'PX', ARGV[3])
        for i = 3, #KEYS do redis.call('SET', KEYS[i], '', 'PX', ARGV[3]) end
        return #KEYS
        """)

    func product(_ key: String, deadline: ContinuousClock.Instant) async throws -> Lookup {
        guard let bytes = try await redis.get(key, deadline: deadline) else { return .miss(fillTag: "") }
        if bytes.isEmpty { return .miss(fillTag: nil) }
        return CacheEntry(bytes).map { .hit($0) } ?? .miss(fillTag: nil)
    }

    func page(_ key: String, of store: StoreID, deadline: ContinuousClock.Instant) async throws -> Lookup {
        let keys = [CacheKeys.generation(of: store), CacheKeys.hold(of: store), key]
        let values = try await redis.get(keys, deadline: deadline)
        let generation = values[0].map { String(decoding: $0, as: UTF8.self) } ?? "-"
        if let bytes = values[2], let entry = CacheEntry(bytes), entry.tag == generation { return .hit(entry) }
        return .miss(fillTag: values[1] == nil ? generation : nil)
    }

    /// Puts a product there unless it was changed a moment ago.
    func fillProduct(_ key: String, _ entry: CacheEntry, deadline: ContinuousClock.Instant) async throws {
        try await redis.set(
            key, to: .buffer(entry.encoded), lifetime: lifetime(), condition: .ifAbsent, deadline: deadline)
    }

    /// Puts a page there; its tag decides whether it counts.
    func fillPage(_ key: String, _ entry: CacheEntry, deadline: ContinuousClock.Instant) async throws {
        try await redis.set(key, to: .buffer(entry.encoded), lifetime: lifetime(), deadline: deadline)
    }

    /// Takes away what a change made untrue.
    func invalidate(store: StoreID, products: [ProductID], deadline: ContinuousClock.Instant) async throws {
        let generation = Base32.text(prefix: "", numbers: [Int64(environment.random() >> 2 | 1)])
        // The generation outlives every page that was filled before it.
        let generationLife = settings.timeToLive * (1 + settings.jitter) + settings.holdOff
        _ = try await redis.run(
            Self.invalidation,
            keys: [CacheKeys.generation(of: store), CacheKeys.hold(of: store)] + products.map(CacheKeys.product),
            arguments: [
                .text(generation), .integer(Int64(generationLife.milliseconds) + 1),
                .integer(Int64(settings.holdOff.milliseconds) + 1),
            ], deadline: deadline)
    }

    private func lifetime() -> Duration {
        settings.timeToLive * (1 + settings.jitter * (2 * environment.randomFraction() - 1))
    }
}
