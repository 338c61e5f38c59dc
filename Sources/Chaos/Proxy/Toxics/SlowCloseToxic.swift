import NIOCore

/// Tells the receiver `delay` milliseconds late that the stream has ended. Bytes pass at once.
struct SlowCloseToxic: Toxic {
    static let type = "slow_close"
    static var attributes: KeyValuePairs<String, Int64> { ["delay": 0] }

    private let delay: Int64

    init(attributes: [String: Int64]) {
        delay = attributes["delay", default: 0]
    }

    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom, into releases: inout Releases) {
        releases.pass(piece, at: piece == .end ? now + .milliseconds(delay) : now)
    }
}
