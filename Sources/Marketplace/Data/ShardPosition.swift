import Postgres

/// A point in one shard's history: how far its write-ahead log has come, and on which timeline. Each promotion begins a
/// new timeline, so that a position alone does not say whose log it counts.
public struct ShardPosition: Sendable, Hashable {
    /// Grows with each promotion.
    public let timeline: UInt32
    /// Bytes into the log.
    public let wal: WALPosition

    /// Makes a position.
    public init(timeline: UInt32, wal: WALPosition) {
        self.timeline = timeline
        self.wal = wal
    }

    /// Whether data at this position has everything that the requirement has seen: it is as far on the same timeline,
    /// or on a descendant that branched off after the requirement.
    /// - Parameter history: where timelines branched off; without it another timeline never satisfies.
    public func satisfies(_ requirement: ShardPosition, history: TimelineHistory = TimelineHistory()) -> Bool {
        wal >= requirement.wal && history.contains(requirement, on: timeline)
    }

    /// What has seen both: the newer timeline's wins, since whoever saw it was refused the lost end of the other.
    func merged(_ other: ShardPosition) -> ShardPosition {
        (timeline, wal.bytes) >= (other.timeline, other.wal.bytes) ? self : other
    }
}

extension ShardPosition: LosslessStringConvertible {
    /// The timeline and the position in hexadecimal, as `2:16B374D848`.
    public var description: String {
        String(timeline, radix: 16, uppercase: true) + ":" + String(wal.bytes, radix: 16, uppercase: true)
    }

    /// Reads what ``description`` writes; nil for anything else.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, let timeline = Self.number(parts[0], as: UInt32.self), timeline > 0,
            let bytes = Self.number(parts[1], as: UInt64.self)
        else { return nil }
        self.init(timeline: timeline, wal: WALPosition(bytes: bytes))
    }

    /// Digits as they are written: no sign, no leading zero, no lower case, so that a position has one spelling.
    private static func number<Number: FixedWidthInteger>(
        _ digits: Substring.UTF8View.SubSequence, as type: Number.Type
    ) -> Number? {
        guard let number = Number(String(digits) ?? "", radix: 16),
            String(number, radix: 16, uppercase: true).utf8.elementsEqual(digits)
        else { return nil }
        return number
    }
}
