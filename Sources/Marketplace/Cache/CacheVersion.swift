import Postgres

/// From when on a change is seen: what an answer must have, or has. Both parts only grow.
struct CacheVersion: Sendable, Hashable {
    /// The thing's own version; nil where it has none that counts every change.
    var number: Int64?
    /// How far the shard's log had come; nil when it is not known.
    var position: CachePosition?

    /// Nothing is known.
    static let unknown = CacheVersion()

    /// Whether an answer of this version has a change that has that one: what the change does not say is not asked.
    func includes(_ change: CacheVersion) -> Bool {
        if let number = change.number, (self.number ?? -1) < number { return false }
        if let position = change.position {
            guard let own = self.position, own >= position else { return false }
        }
        return true
    }

    /// What has both.
    func merged(_ other: CacheVersion) -> CacheVersion {
        CacheVersion(
            number: number.map { max($0, other.number ?? $0) } ?? other.number,
            position: position.map { max($0, other.position ?? $0) } ?? other.position)
    }
}

/// A position in a shard's log that can be compared over promotions and moves: where a store came later wins over where
/// it was before, a later timeline over the one that it branched off.
struct CachePosition: Sendable, Hashable, Comparable {
    /// The version of the shard map by which the store came to its shard.
    let placement: Int
    let position: ShardPosition

    static func < (left: CachePosition, right: CachePosition) -> Bool {
        (left.placement, left.position.timeline, left.position.wal.bytes)
            < (right.placement, right.position.timeline, right.position.wal.bytes)
    }
}

// MARK: In Redis

extension CacheVersion {
    /// In digits of fixed width, whose order as text is that of the numbers; empty for what is not known.
    static func digits(_ number: Int64?) -> String {
        number.map { hexadecimal(UInt64(max(0, $0)), 16) } ?? ""
    }

    static func digits(_ position: CachePosition?) -> String {
        guard let position else { return "" }
        return hexadecimal(UInt64(clamping: position.placement), 8)
            + hexadecimal(UInt64(position.position.timeline), 8) + hexadecimal(position.position.wal.bytes, 16)
    }

    /// Reads both; what cannot be read is not known.
    init(number: String, position: String) {
        self.number = number.isEmpty ? nil : Int64(number, radix: 16)
        let digits = Array(position.utf8)
        guard digits.count == 32 else { return }
        func part(_ range: Range<Int>) -> UInt64? { UInt64(String(decoding: digits[range], as: UTF8.self), radix: 16) }
        guard let map = part(0..<8), let timeline = part(8..<16), let wal = part(16..<32) else { return }
        self.position = CachePosition(
            placement: Int(map),
            position: ShardPosition(timeline: UInt32(timeline), wal: WALPosition(bytes: wal)))
    }

    private static func hexadecimal(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
