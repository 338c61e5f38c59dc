import NIOCore

/// What travels through a chain, in order: bytes as they were read, then the end of the stream.
enum Piece: Sendable, Equatable {
    case bytes(ByteBuffer)
    /// The sender closed its side; the receiver is told once everything before has been delivered.
    case end
    /// Closes the connection, both ways, when it gets through. Only toxics make these two.
    case close
    /// Closes the connection with a reset, both ways, when it gets through.
    case reset

    /// Bytes this piece keeps in memory.
    var size: Int {
        if case .bytes(let buffer) = self { buffer.readableBytes } else { 0 }
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
