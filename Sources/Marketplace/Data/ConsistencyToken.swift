/// How far a session has come: for each shard that it touched, a position that its next answer must not be behind. The
/// header `Consistency-Token` carries it; it is the whole session, so that whoever carries it reads its own writes and
/// never goes back in time, on whichever server.
public struct ConsistencyToken: Sendable, Hashable {
    /// The greatest version of the shard map that the session has met.
    public var mapVersion: Int
    /// By the shard's name.
    public private(set) var positions: [String: ShardPosition]

    /// A token names this many shards at most; further ones are not remembered.
    public static let maximumShards = 64
    /// Of its text, in bytes.
    public static let maximumBytes = 4096
    /// Of a shard's name in it, in bytes.
    static let maximumNameBytes = 32

    /// Makes a token.
    public init(mapVersion: Int = 1, positions: [String: ShardPosition] = [:]) {
        self.mapVersion = mapVersion
        self.positions = [:]
        for (shard, position) in positions { saw(shard, position) }
    }

    /// The session has seen, or written, a shard up to a position. It never goes back.
    public mutating func saw(_ shard: String, _ position: ShardPosition) {
        if let known = positions[shard] {
            positions[shard] = known.merged(position)
        } else if positions.count < Self.maximumShards, Self.isName(shard) {
            positions[shard] = position
        }
    }

    /// Takes over what another token has seen.
    public mutating func merge(_ other: ConsistencyToken) {
        mapVersion = max(mapVersion, other.mapVersion)
        for (shard, position) in other.positions { saw(shard, position) }
    }

    private static func isName(_ text: some StringProtocol) -> Bool {
        (1...maximumNameBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}

extension ConsistencyToken: LosslessStringConvertible {
    /// The map's version, then each shard in order of its name: `3;shard-0=1:16B374D848;shard-1=2:3000060`.
    public var description: String {
        positions.sorted { $0.key < $1.key }.reduce(into: String(mapVersion)) { text, part in
            text += ";\(part.key)=\(part.value)"
        }
    }

    /// Reads what ``description`` writes; nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        guard let first = parts.first, let version = Int(first), version > 0, String(version) == first,
            parts.count - 1 <= Self.maximumShards
        else { return nil }
        self.init(mapVersion: version)
        for part in parts.dropFirst() {
            let halves = part.split(separator: "=", omittingEmptySubsequences: false)
            guard halves.count == 2, Self.isName(halves[0]), positions[String(halves[0])] == nil,
                let position = ShardPosition(String(halves[1]))
            else { return nil }
            positions[String(halves[0])] = position
        }
    }
}
