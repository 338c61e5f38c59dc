import DequeModule
import NIOCore

/// The toxics of one direction of one connection, as a state machine: pieces and time in, pieces to write out.
///
/// A piece passes the stages in order and then waits in `ready` for the receiver. Whatever changes, every byte that
/// came in goes out once and in order.
struct ToxicChain: Sendable {
    /// Bytes it holds before it asks for no more.
    let limit: Int
    /// Bytes held, in stages and ready.
    var held: Int { stages.reduce(readyBytes) { $0 + $1.heldBytes } }
    private var readyBytes = 0
    private var stages: [ToxicStage] = []
    private var ready: Deque<Piece> = []
    private var random: ToxicRandom

    /// Pieces it holds before it asks for no more, since each costs memory beside its bytes.
    static let greatestPieceCount = 4_096

    init(limit: Int, random: ToxicRandom, toxics: [ToxicSpecification], at now: NIODeadline) {
        self.limit = limit
        self.random = random
        for toxic in toxics {
            apply(.add(toxic), at: now)
        }
    }

    /// Whether any toxic acts on this direction of this connection.
    var acts: Bool { stages.contains(where: \.acts) }

    /// Whether the sender should be read: not while the receiver is behind, nor while too much is held.
    var wantsMore: Bool {
        ready.isEmpty && held < limit && stages.reduce(0) { $0 + $1.heldCount } < Self.greatestPieceCount
    }

    /// When ``advance(to:)`` has something to do; nil when only a change can bring it about.
    var nextDue: NIODeadline? { stages.compactMap(\.nextDue).min() }

    mutating func receive(_ piece: Piece, at now: NIODeadline) {
        guard !stages.isEmpty else {
            makeReady(piece)
            return
        }
        stages[0].take(piece.compacted(), at: now, random: &random)
        advance(to: now)
    }

    /// Moves every piece on whose time has come.
    mutating func advance(to now: NIODeadline) {
        for index in stages.indices {
            while let (piece, time) = stages[index].pop(dueBy: now) {
                // The time it was due, not the time it was seen to: a late timer must not add up over the stages.
                pass(piece, beyond: index, at: time)
            }
        }
    }

    /// The next piece to write.
    mutating func next() -> Piece? {
        guard let piece = ready.popFirst() else { return nil }
        readyBytes -= piece.size
        return piece
    }

    /// Forgets everything held: there is no receiver any more.
    mutating func discard() {
        for index in stages.indices {
            _ = stages[index].drain()
        }
        ready = []
        readyBytes = 0
    }

    mutating func apply(_ change: ToxicChange, at now: NIODeadline) {
        switch change {
        case .add(let specification):
            stages.append(ToxicStage(name: specification.name, toxic: draw(specification), at: now))
        case .update(let specification):
            guard let index = stages.firstIndex(where: { $0.name == specification.name }) else { return }
            stages[index].replace(draw(specification), at: now, random: &random)
        case .remove(let name):
            guard let index = stages.firstIndex(where: { $0.name == name }) else { return }
            for piece in stages[index].drain() {
                pass(piece, beyond: index, at: now)
            }
            stages.remove(at: index)
        }
        advance(to: now)
    }

    private mutating func pass(_ piece: Piece, beyond index: Int, at now: NIODeadline) {
        if index + 1 < stages.count {
            stages[index + 1].take(piece, at: now, random: &random)
        } else {
            makeReady(piece)
        }
    }

    private mutating func makeReady(_ piece: Piece) {
        ready.append(piece)
        readyBytes += piece.size
    }

    /// The toxic itself, or the one that changes nothing when toxicity spares this connection.
    private mutating func draw(_ specification: ToxicSpecification) -> any Toxic {
        guard Double.random(in: 0..<1, using: &random) < specification.toxicity,
            let toxic = ToxicCatalog.make(specification)
        else { return NoopToxic() }
        return toxic
    }
}

/// A change of one direction's toxics.
enum ToxicChange: Sendable, Equatable {
    /// At the end of the chain.
    case add(ToxicSpecification)
    /// By name; its place in the chain stays.
    case update(ToxicSpecification)
    case remove(name: String)
}

extension Piece {
    /// The same bytes in a buffer of their own size: a read of ten bytes sits in a buffer of thousands, which is no
    /// matter when it is written at once, and is one when it is held.
    fileprivate func compacted() -> Piece {
        guard case .bytes(let buffer) = self, buffer.storageCapacity > 2 * buffer.readableBytes + 256 else {
            return self
        }
        return .bytes(ByteBuffer(bytes: buffer.readableBytesView))
    }
}
