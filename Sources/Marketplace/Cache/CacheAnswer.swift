/// What one question is about; shared by all who ask it at once.
struct CacheQuestion: Sendable {
    let subject: CacheSubject
    let home: CacheHome
    let reach: CacheReach
    /// What an answer must at least have; nil for whatever is kept.
    var requirement: ShardPosition?
    /// What memory knew, though it did not count.
    let look: MemoryLook
    let load: TieredCache.Load

    var flight: Flight { Flight(key: subject.key, ticket: look.ticket, requirement: requirement) }

    /// Only those share an answer who saw the same state before they asked: one begun before a change is no answer
    /// after it.
    struct Flight: Hashable, Sendable {
        let key: CacheKey
        let ticket: MemoryTicket
        let requirement: ShardPosition?
    }
}

/// An answer, and where it came from.
struct CacheAnswer: Sendable {
    var entry: CacheEntry
    var source: RequestTrace.CacheResult
    /// Since the database said so.
    var age = Duration.zero
    /// What loading it met; nil when it was kept.
    var record: RequestTrace.Record?
}
