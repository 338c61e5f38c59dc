import NIOCore

/// Changes nothing. It stands in for a toxic on the connections that its toxicity spares.
struct NoopToxic: Toxic {
    static let type = "noop"
    static var attributes: KeyValuePairs<String, Int64> { [:] }

    init(attributes: [String: Int64] = [:]) {}

    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom, into releases: inout Releases) {
        releases.pass(piece, at: now)
    }
}
