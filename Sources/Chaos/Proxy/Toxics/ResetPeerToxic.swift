import NIOCore

/// Resets the connection `timeout` milliseconds after the first bytes came; those and all that follow are lost.
struct ResetPeerToxic: Toxic {
    static let type = "reset_peer"
    static var attributes: KeyValuePairs<String, Int64> { ["timeout": 0] }

    private let timeout: Int64
    private var isDue = false

    init(attributes: [String: Int64]) {
        timeout = attributes["timeout", default: 0]
    }

    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom, into releases: inout Releases) {
        guard !isDue else { return }
        isDue = true
        releases.pass(.reset, at: now + .milliseconds(timeout))
    }
}
