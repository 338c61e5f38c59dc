/// SplitMix64 (Steele, Lea, Flood 2014): the seeded draws of jitter and toxicity, one sequence per direction of a
/// connection, so that a run can be repeated from its seed.
struct ToxicRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// The sequence of one direction of the nth connection of a link.
    init(seed: UInt64, link: String, connection: UInt64, stream: ToxicStream) {
        // FNV-1a, since Swift's own hashes differ from run to run.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(link)/\(stream.rawValue)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        self.init(seed: seed ^ hash ^ (connection &* 0x9e37_79b9_7f4a_7c15))
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
