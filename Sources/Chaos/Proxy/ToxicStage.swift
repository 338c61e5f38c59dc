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
    }

    init(name: String, toxic: any Toxic) {
        self.name = name
        self.toxic = toxic
    }

    /// Whether this stage acts on the connection at all; its toxicity may have spared it.
    var acts: Bool { !(toxic is NoopToxic) }

    /// When the oldest piece may go on; nil if there is none or it has no time.
    var nextDue: NIODeadline? { held.first?.due }

    var heldCount: Int { held.count }

    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom) {
        var releases = Releases()
        toxic.take(piece, at: now, random: &random, into: &releases)
        for release in releases.pieces {
            held.append(Held(piece: release.piece, arrived: now, due: release.due))
        }
    }

    /// The oldest piece if its time has come, with the time at which it went on.
    mutating func pop(dueBy now: NIODeadline) -> (piece: Piece, at: NIODeadline)? {
        guard let due = held.first?.due, due <= now, let first = held.popFirst() else { return nil }
        return (first.piece, due)
    }

    /// Puts another toxic in place and gives it what the old one still held.
    mutating func replace(_ toxic: any Toxic, random: inout ToxicRandom) {
        self.toxic = toxic
        let pieces = held
        held = []
        for entry in pieces {
            take(entry.piece, at: entry.arrived, random: &random)
        }
    }

    /// Everything held, in order; for a stage that is taken out.
    mutating func drain() -> [Piece] {
        defer { held = [] }
        return held.map(\.piece)
    }
}
