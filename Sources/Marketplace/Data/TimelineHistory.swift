import Postgres

/// Where a shard's timelines branched off from each other, as its history files tell.
public struct TimelineHistory: Sendable, Hashable {
    /// The end of one timeline in the ancestry of a later one.
    struct Fork: Sendable, Hashable {
        let timeline: UInt32
        /// The next timeline begins here: what the old one wrote after it is lost.
        let end: WALPosition
    }

    /// No server promotes this often.
    static let maximumForks = 1024
    /// The timeline whose ancestry is known; 0 when none is.
    public private(set) var newest: UInt32 = 0
    /// The ancestors of the newest, oldest first.
    private(set) var forks: [Fork] = []

    /// Nothing known.
    public init() {}

    /// Reads a history file: a line for each ancestor, its number and where it ended, then the reason.
    /// - Parameter timeline: the one that the file is named for. Timeline 1 has no ancestors and no file.
    init(of timeline: UInt32, file: String) {
        newest = timeline
        for line in file.split(whereSeparator: \.isNewline).prefix(Self.maximumForks) where !line.hasPrefix("#") {
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count >= 2, let number = UInt32(fields[0]), let end = WALPosition(String(fields[1])) else {
                continue
            }
            forks.append(Fork(timeline: number, end: end))
        }
    }

    /// Whether a timeline holds everything up to a position: it is the position's own, or a descendant that branched
    /// off no earlier. False where the ancestry is not known.
    public func contains(_ position: ShardPosition, on timeline: UInt32) -> Bool {
        if timeline == position.timeline { return true }
        guard timeline <= newest, position.timeline < timeline else { return false }
        return isAncestor(timeline) && fork(of: position.timeline).map { position.wal <= $0.end } ?? false
    }

    /// Whether the newest timeline is known to have left the position behind: nothing that descends from it will ever
    /// hold it.
    public func hasLost(_ position: ShardPosition) -> Bool {
        guard newest > position.timeline else { return false }
        return fork(of: position.timeline).map { position.wal > $0.end } ?? !forks.isEmpty
    }

    /// Whether the ancestors are known: the first timeline has none, and without its file no other tells.
    var isKnown: Bool { newest <= 1 || !forks.isEmpty }

    /// Whether the newest timeline is this one or descends from it.
    func isAncestor(_ timeline: UInt32) -> Bool {
        timeline == newest || fork(of: timeline) != nil
    }

    private func fork(of timeline: UInt32) -> Fork? {
        forks.first { $0.timeline == timeline }
    }
}
