import NIOCore

/// One direction of a partition: everything is held, in order, until the toxic is removed. Nothing is discarded, as a
/// network that comes back delivers what its endpoints still want to send. Memory stays bounded because a chain that
/// is full reads no more, so the sender's own buffers fill and it blocks.
struct StallToxic: Toxic {
    static let type = "stall"
    static var attributes: KeyValuePairs<String, Int64> { [:] }

    init(attributes: [String: Int64] = [:]) {}

    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom, into releases: inout Releases) {
        releases.hold(piece)
    }
}
