import NIOCore

/// What travels through a chain, in order: bytes as they were read, then the end of the stream.
enum Piece: Sendable, Equatable {
    case bytes(ByteBuffer)
    /// The sender closed its side; the receiver is told once everything before has been delivered.
    case end

    /// Bytes this piece keeps in memory.
    var size: Int {
        switch self {
        case .bytes(let buffer): buffer.readableBytes
        case .end: 0
        }
    }
}

/// Where a toxic puts what it was given, in order: to go on at a time, or to be held until the toxic changes.
struct Releases {
    /// `due` is nil for what is held without a time.
    private(set) var pieces: [(piece: Piece, due: NIODeadline?)] = []

    /// Lets a piece go on at `due`, or when all before it have gone on, whichever is later.
    mutating func pass(_ piece: Piece, at due: NIODeadline) {
        pieces.append((piece, due))
    }

    /// Keeps a piece, and with it everything after, until the toxic is changed or removed.
    mutating func hold(_ piece: Piece) {
        pieces.append((piece, nil))
    }
}
