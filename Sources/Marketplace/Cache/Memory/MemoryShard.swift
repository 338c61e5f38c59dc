/// A part of the memory layer, as a value: what is kept, and what has changed.
///
/// Nothing is looked up by what has changed. Scopes fall into buckets, each with a mark that grows with every change;
/// an entry counts while its bucket's mark is the one that its reader saw before it asked anyone. So an answer that was
/// on its way during a change is not kept, and all pages of a list end with one step. Two scopes in one bucket cost a
/// miss, never a wrong answer.
struct MemoryShard: Sendable {
    private struct Kept: Sendable {
        let entry: MemoryEntry
        let ticket: MemoryTicket
    }

    static let buckets = 4096

    private var kept: ScanResistantCache<CacheKey, Kept>
    private var marks = [UInt32](repeating: 0, count: MemoryShard.buckets)
    /// Grows when changes may have gone unnoticed.
    private var era: UInt32 = 1

    init(capacity: Int) {
        kept = ScanResistantCache(capacity: capacity)
    }

    var bytes: Int { kept.bytes }
    var count: Int { kept.count }

    mutating func look(_ key: CacheKey, in scope: CacheKey, now: ContinuousClock.Instant) -> MemoryLook {
        let ticket = MemoryTicket(mark: marks[Self.bucket(scope)], era: era)
        guard let found = kept.value(for: key) else {
            return MemoryLook(found: nil, isCurrent: false, ticket: ticket)
        }
        guard found.ticket.mark == ticket.mark, now < found.entry.staleUntil else {
            kept.remove(key)
            return MemoryLook(found: nil, isCurrent: false, ticket: ticket)
        }
        return MemoryLook(found: found.entry, isCurrent: found.ticket.era == era, ticket: ticket)
    }

    /// - Parameter isVouched: whether a change would be told; else it never counts as current.
    mutating func keep(
        _ entry: MemoryEntry, for key: CacheKey, in scope: CacheKey, ticket: MemoryTicket, isVouched: Bool
    ) -> Bool {
        guard marks[Self.bucket(scope)] == ticket.mark, ticket.era == era else { return false }
        let ticket = isVouched ? ticket : MemoryTicket(mark: ticket.mark, era: 0)
        return kept.insert(Kept(entry: entry, ticket: ticket), for: key, cost: entry.cost(ofKey: key))
    }

    /// Whatever is kept under this scope has changed.
    mutating func change(_ scope: CacheKey) {
        marks[Self.bucket(scope)] &+= 1
        // An entry that is its scope's only one gives its bytes back at once.
        kept.remove(scope)
    }

    /// Changes may have gone unnoticed: nothing that is here counts as current any more.
    mutating func beginEra() {
        era = era == .max ? 1 : era + 1
    }

    func wanted(limit: Int) -> [CacheKey] {
        kept.wanted(limit: limit)
    }

    private static func bucket(_ scope: CacheKey) -> Int {
        // The low bits choose the shard.
        Int(UInt(bitPattern: scope.hash) >> 16) % buckets
    }
}
