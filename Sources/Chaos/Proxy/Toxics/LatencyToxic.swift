import NIOCore

/// Lets every piece go on `latency` ± up to `jitter` after it came. Order is kept, so a piece that drew little jitter
/// still waits for the one before it. The end of the stream is delayed as well, as it is on a long wire.
struct LatencyToxic: Toxic {
    static let type = "latency"
    static var attributes: KeyValuePairs<String, Int64> { ["latency": 0, "jitter": 0] }

    private let latency: Int64
    private let jitter: Int64

    init(attributes: [String: Int64]) {
        latency = attributes["latency", default: 0]
        jitter = attributes["jitter", default: 0]
    }

    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom, into releases: inout Releases) {
        let drawn = jitter > 0 ? Int64.random(in: -jitter...jitter, using: &random) : 0
        releases.pass(piece, at: now + .milliseconds(max(0, latency + drawn)))
    }
}
