import NIOCore

/// Lets nothing through and closes the connection after `timeout` milliseconds; 0 waits for the toxic's removal to
/// close it. What is sent meanwhile is lost, as in Toxiproxy: to hold it, see ``StallToxic``.
struct TimeoutToxic: Toxic {
    static let type = "timeout"
    static var attributes: KeyValuePairs<String, Int64> { ["timeout": 0] }

    private let timeout: Int64

    init(attributes: [String: Int64]) {
        timeout = attributes["timeout", default: 0]
    }

    mutating func begin(at now: NIODeadline, into releases: inout Releases) {
        if timeout > 0 { releases.pass(.close, at: now + .milliseconds(timeout)) }
    }

    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom, into releases: inout Releases) {
        switch piece {
        case .bytes, .end: break
        case .close, .reset: releases.pass(piece, at: now)
        }
    }

    var parting: Piece? { .close }
}
