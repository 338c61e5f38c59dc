import DequeModule
import NIOCore

/// One toxic of a chain with what it holds: first in, first out.
struct ToxicStage: Sendable {
    let name: String
    private var toxic: any Toxic
    private var held: Deque<Held> = []

    private struct Held: Sendable {
        var piece: Piece
        /// When the piece came, for a toxic that takes it again.
        var arrived: NIODeadline
        /// Nil: until the toxic changes.
        var due: NIODeadline?
        /// The toxic's own, from its beginning.
        var isOwn = false
    }

    init(name: String, toxic: any Toxic, at now: NIODeadline) {
        self.name = name
        self.toxic = toxic
        begin(at: now)
    }

    /// Whether this stage acts on the connection at all; its toxicity may have spared it.
    var acts: Bool { !(toxic is NoopToxic) }

    /// When the oldest piece may go on; nil if there is none or it has no time.
    var nextDue: NIODeadline? { held.first?.due }

    var heldCount: Int { held.count }

    /// Bytes held: a toxic may drop some of what it is given.
    private(set) var heldBytes = 0

    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom) {
        var releases = Releases()
        toxic.take(piece, at: now, random: &random, into: &releases)
        for release in releases.pieces {
            hold(Held(piece: release.piece, arrived: now, due: release.due))
        }
    }

    private mutating func begin(at now: NIODeadline) {
        var releases = Releases()
        toxic.begin(at: now, into: &releases)
        for release in releases.pieces {
            hold(Held(piece: release.piece, arrived: now, due: release.due, isOwn: true))
        }
    }

    private mutating func hold(_ entry: Held) {
        held.append(entry)
        heldBytes += entry.piece.size
    }

    /// The oldest piece if its time has come, with the time at which it went on.
    mutating func pop(dueBy now: NIODeadline) -> (piece: Piece, at: NIODeadline)? {
        guard let due = held.first?.due, due <= now, let first = held.popFirst() else { return nil }
        heldBytes -= first.piece.size
        return (first.piece, due)
    }

    /// Puts another toxic in place and gives it what the old one still held.
    mutating func replace(_ toxic: any Toxic, at now: NIODeadline, random: inout ToxicRandom) {
        let old = self.toxic
        self.toxic = toxic
        self.toxic.succeed(old)
        let entries = held
        held = []
        heldBytes = 0
        for entry in entries where !entry.isOwn {
            take(entry.piece, at: entry.arrived, random: &random)
        }
        begin(at: now)
    }

    /// Everything held, in order, and what the toxic leaves behind; for a stage that is taken out.
    mutating func drain() -> [Piece] {
        defer {
            held = []
            heldBytes = 0
        }
        let parting = acts ? toxic.parting : nil
        return held.filter { !$0.isOwn }.map(\.piece) + (parting.map { [$0] } ?? [])
    }
}
