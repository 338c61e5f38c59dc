/// An entry as it lies in memory.
public struct MemoryEntry: Sendable {
    /// What is kept.
    public let entry: CacheEntry
    /// When the database said so.
    let loadedAt: ContinuousClock.Instant
    /// When it came into this memory.
    let keptAt: ContinuousClock.Instant
    /// Until when it counts.
    let freshUntil: ContinuousClock.Instant
    /// Until when it may still be shown, marked, when there is nothing better.
    let staleUntil: ContinuousClock.Instant

    /// Makes an entry that came in just now.
    /// - Parameters:
    ///   - age: since the database said so.
    ///   - freshFor: how long it counts.
    ///   - staleFor: how much longer it may be shown when there is nothing better.
    public init(
        _ entry: CacheEntry, now: ContinuousClock.Instant, age: Duration = .zero, freshFor: Duration,
        staleFor: Duration
    ) {
        self.entry = entry
        loadedAt = now - age
        keptAt = now
        freshUntil = now + freshFor
        staleUntil = now + freshFor + staleFor
    }

    /// Bytes that it takes, with its key and what keeping it costs: dictionary, queue, ghost.
    func cost(ofKey key: CacheKey) -> Int {
        key.text.utf8.count + entry.tag.utf8.count + entry.body.readableBytes + 320
    }
}

/// What was known of a key when its answer was sought: kept is only what nothing has changed since.
public struct MemoryTicket: Sendable, Hashable {
    /// Of the scope's bucket.
    let mark: UInt32
    let era: UInt32
}

/// What memory knows of a key.
public struct MemoryLook: Sendable {
    /// Nil: nothing that may be shown in any case.
    public let found: MemoryEntry?
    /// Whether nobody was told of a change that went unnoticed since it came in.
    public let isCurrent: Bool
    /// To be shown when an answer is brought.
    public let ticket: MemoryTicket
}
