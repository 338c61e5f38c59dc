import Synchronization

/// The memory layer: what this server keeps by itself, bounded by bytes, over several locks so that readers on
/// different cores seldom meet.
public final class MemoryCache: Sendable {
    private final class Part: Sendable {
        let shard: Mutex<MemoryShard>

        init(capacity: Int) {
            shard = Mutex(MemoryShard(capacity: capacity))
        }
    }

    private let parts: [Part]

    /// Makes an empty cache.
    /// - Parameters:
    ///   - bytes: everything together, keys and what keeping costs included; 0 keeps nothing and still knows what has
    ///     changed.
    ///   - locks: in how many parts.
    public init(bytes: Int, locks: Int = MemoryCache.defaultLocks) {
        parts = (0..<max(1, locks)).map { _ in Part(capacity: bytes / max(1, locks)) }
    }

    /// `Benchmarks memory` compares others.
    public static let defaultLocks = 16

    /// Bytes taken now.
    public var bytes: Int { parts.reduce(0) { $0 + $1.shard.withLock(\.bytes) } }
    /// Entries kept now.
    public var count: Int { parts.reduce(0) { $0 + $1.shard.withLock(\.count) } }

    /// What is kept for a key, and the ticket for bringing an answer.
    public func look(_ key: CacheKey, in scope: CacheKey, now: ContinuousClock.Instant) -> MemoryLook {
        part(of: scope).shard.withLock { $0.look(key, in: scope, now: now) }
    }

    /// Keeps an answer, unless something has changed since its ticket was given.
    @discardableResult
    public func keep(
        _ entry: MemoryEntry, for key: CacheKey, in scope: CacheKey, ticket: MemoryTicket, isVouched: Bool
    ) -> Bool {
        part(of: scope).shard.withLock { $0.keep(entry, for: key, in: scope, ticket: ticket, isVouched: isVouched) }
    }

    /// Whatever is kept under this scope has changed.
    public func change(_ scope: CacheKey) {
        part(of: scope).shard.withLock { $0.change(scope) }
    }

    /// Changes may have gone unnoticed: nothing that is here counts as current any more. It may still be shown, marked,
    /// when there is nothing better.
    public func beginEra() {
        for part in parts { part.shard.withLock { $0.beginEra() } }
    }

    /// The keys that are asked for, at most so many.
    func wanted(limit: Int) -> [CacheKey] {
        Array(parts.flatMap { $0.shard.withLock { $0.wanted(limit: limit / parts.count + 1) } }.prefix(limit))
    }

    private func part(of scope: CacheKey) -> Part {
        parts[Int(UInt(bitPattern: scope.hash) & 0xFFFF) % parts.count]
    }
}
