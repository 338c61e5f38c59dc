/// One page of a list over all shards.
struct ScatterPage<Item: Sendable>: Sendable {
    /// What one shard answered, in order of the keys.
    struct Part: Sendable {
        let shard: String
        let items: [(key: ScatterKey, item: Item)]
        /// Whether the shard has more behind the last of them.
        let isCut: Bool
    }

    /// At most as many as asked for, in order of their keys.
    let items: [Item]
    /// Where the next page begins; nil when every shard has been told to its end.
    let next: ScatterCursor?
    /// The shards that did not answer, in order of their names.
    let missing: [String]

    init(items: [Item], next: ScatterCursor?, missing: [String]) {
        self.items = items
        self.next = next
        self.missing = missing
    }

    /// Merges the answers to a cursor. Nothing is told beyond the last item of a shard that has more, since what lies
    /// there is not known yet; shards that did not answer stay where they were.
    init(_ parts: [Part], missing: [String], after cursor: ScatterCursor, limit: Int) {
        let horizon = parts.filter(\.isCut).compactMap { $0.items.last?.key }.min()
        var seen: Set<ScatterKey> = []
        // A store that moves between two shards' answers can stand in both.
        let known = parts.flatMap(\.items).filter { found in
            horizon.map { found.key <= $0 } ?? true
        }.sorted { $0.key < $1.key }.filter { seen.insert($0.key).inserted }
        let told = known.prefix(limit)
        self.items = told.map(\.item)
        self.missing = missing.sorted()

        let hasMore = known.count > limit || horizon != nil
        // How far the shards that answered have come; whatever they have beyond the last item counts as told when there
        // is no more of it.
        let reached = known.count > limit ? told.last?.key : horizon ?? told.last?.key
        func later(_ one: ScatterKey?, _ other: ScatterKey?) -> ScatterKey? {
            guard let one, let other else { return one ?? other }
            return max(one, other)
        }
        var positions: [String: ScatterKey?] = [:]
        for part in parts { positions[part.shard] = later(cursor.position(of: part.shard), reached) }
        let position = positions.values.reduce(cursor.position) { later($0, $1) }
        for shard in missing { positions[shard] = cursor.position(of: shard) }
        let behind = positions.filter { $0.value != position }
        next =
            hasMore || !missing.isEmpty
            ? ScatterCursor(position: position, behind: behind) : nil
    }
}
