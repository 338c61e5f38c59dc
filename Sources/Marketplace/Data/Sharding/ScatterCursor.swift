/// Where an item of a list over all shards stands: two numbers, the first decides.
struct ScatterKey: Sendable, Hashable, Comparable {
    let first: Int64
    let second: Int64

    static func < (left: Self, right: Self) -> Bool {
        (left.first, left.second) < (right.first, right.second)
    }
}

/// How far a list over all shards has come. Normally every shard has come equally far; one that did not answer stays
/// behind by itself, and its part follows when it is back, so that nothing is lost.
struct ScatterCursor: Sendable, Hashable {
    /// Up to here everything was told; nil at the beginning.
    let position: ScatterKey?
    /// By the name of a shard that is behind: how far it has come.
    let behind: [String: ScatterKey?]

    init(position: ScatterKey? = nil, behind: [String: ScatterKey?] = [:]) {
        self.position = position
        self.behind = behind
    }

    /// Behind which item a shard goes on.
    func position(of shard: String) -> ScatterKey? {
        if let behind = behind[shard] { behind } else { position }
    }
}

extension ScatterCursor: LosslessStringConvertible {
    private static let digits = 2 * Base32.digitsPerNumber

    /// Fit for a URL: `g…`, and `~shard-1.…` for each shard that is behind.
    var description: String {
        behind.sorted { $0.key < $1.key }.reduce(into: "g" + Self.text(position)) { text, part in
            text += "~\(part.key)." + Self.text(part.value)
        }
    }

    /// Reads a cursor that was handed out; nil when it is none of ours.
    init?(_ text: String) {
        let parts = text.split(separator: "~", omittingEmptySubsequences: false)
        guard parts.count <= ShardMap.maximumShards + 1, let head = parts.first, head.first == "g",
            let position = Self.key(String(head.dropFirst()))
        else { return nil }
        var behind: [String: Read] = [:]
        for part in parts.dropFirst() {
            let halves = part.split(separator: ".", omittingEmptySubsequences: false)
            guard halves.count == 2, ShardMap.isShardName(String(halves[0])), let key = Self.key(String(halves[1]))
            else {
                return nil
            }
            behind[String(halves[0])] = key
        }
        self.init(position: position.key, behind: behind.mapValues(\.key))
    }

    private struct Read {
        let key: ScatterKey?
    }

    private static func text(_ key: ScatterKey?) -> String {
        key.map { Base32.text(prefix: "", numbers: [$0.first, $0.second]) } ?? ""
    }

    private static func key(_ text: String) -> Read? {
        if text.isEmpty { return Read(key: nil) }
        guard let numbers = Base32.numbers(text, prefix: "", count: 2) else { return nil }
        return Read(key: ScatterKey(first: numbers[0], second: numbers[1]))
    }
}
