/// What is prepared under one name: a statement's text with the types its parameters were declared with.
struct StatementKey: Hashable, Sendable {
    var sql: String
    var types: [PostgresType]
}

/// A prepared statement's name on its connection.
struct StatementName: Hashable, Sendable, CustomStringConvertible {
    var number: UInt32
    var description: String { "s\(number)" }
}

/// Which statements a connection has prepared: a bounded set, from which the one used longest ago makes room.
///
/// A statement counts as prepared only once its own Parse succeeded. Until then only calls of the same Sync may rely on
/// it, for if its Parse fails the server skips them too; others send the statement unnamed meanwhile.
struct StatementCache {
    /// How to send a statement.
    enum Lookup: Equatable {
        case use(StatementName)
        /// Parse it first; what is evicted must be deallocated.
        case parse(StatementName, evicted: StatementName?)
        /// Parse, bind and execute without a name.
        case unnamed
    }

    private enum State: Equatable {
        case parsing(group: UInt64)
        case prepared
    }

    private struct Entry {
        var key: StatementKey
        var name: StatementName
        var state: State
        var lastUse: UInt64
    }

    private let limit: Int
    private var entries: [Entry] = []
    private var positions: [StatementKey: Int] = [:]
    /// Where the last one was found: runs of the same statement need no hashing.
    private var latest = 0
    private var uses: UInt64 = 0
    private var lastNumber: UInt32 = 0

    init(limit: Int) { self.limit = limit }

    var count: Int { entries.count }

    /// - Parameter group: the Sync that the caller belongs to.
    mutating func lookup(_ key: StatementKey, group: UInt64) -> Lookup {
        uses += 1
        if let position = position(of: key) {
            latest = position
            entries[position].lastUse = uses
            switch entries[position].state {
            case .prepared: return .use(entries[position].name)
            case .parsing(let own): return own == group ? .use(entries[position].name) : .unnamed
            }
        }
        var evicted: StatementName?
        if entries.count >= limit {
            guard let oldest = oldestPrepared() else { return .unnamed }
            evicted = entries[oldest].name
            remove(at: oldest)
        }
        lastNumber += 1
        let name = StatementName(number: lastNumber)
        positions[key] = entries.count
        latest = entries.count
        entries.append(Entry(key: key, name: name, state: .parsing(group: group), lastUse: uses))
        return .parse(name, evicted: evicted)
    }

    /// Its Parse succeeded.
    mutating func confirm(_ name: StatementName) {
        if let position = entries.firstIndex(where: { $0.name == name }) { entries[position].state = .prepared }
    }

    /// Its Parse failed or was skipped, or the server no longer knows it.
    /// - Returns: whether it was known here.
    mutating func forget(_ name: StatementName) -> Bool {
        guard let position = entries.firstIndex(where: { $0.name == name }) else { return false }
        remove(at: position)
        return true
    }

    private func position(of key: StatementKey) -> Int? {
        if latest < entries.count, entries[latest].key == key { return latest }
        return positions[key]
    }

    private func oldestPrepared() -> Int? {
        entries.indices.filter { entries[$0].state == .prepared }.min { entries[$0].lastUse < entries[$1].lastUse }
    }

    private mutating func remove(at position: Int) {
        positions[entries[position].key] = nil
        entries.swapAt(position, entries.count - 1)
        entries.removeLast()
        if position < entries.count { positions[entries[position].key] = position }
    }
}
