import NIOCore

/// Lets at most `rate` thousand bytes a second through, in pieces of a tenth of a second; 0 lets everything through, as
/// in Toxiproxy.
struct BandwidthToxic: Toxic {
    static let type = "bandwidth"
    static var attributes: KeyValuePairs<String, Int64> { ["rate": 0] }

    private let rate: Int64
    /// When what was let through so far is on its way.
    private var free = NIODeadline.distantPast

    init(attributes: [String: Int64]) {
        rate = min(attributes["rate", default: 0], 1 << 30)
    }

    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom, into releases: inout Releases) {
        guard rate > 0, case .bytes(var buffer) = piece else {
            releases.pass(piece, at: max(now, free))
            return
        }
        let tenth = Int(rate) * 100
        while let part = buffer.readSlice(length: min(tenth, buffer.readableBytes)), part.readableBytes > 0 {
            free = max(now, free) + .nanoseconds(Int64(part.readableBytes) * 1_000_000 / rate)
            releases.pass(.bytes(part), at: free)
        }
    }
}
