import Foundation

/// As `central` and the shards keep it:
/// `{"version": 3, "strategy": "ring", "virtualNodes": 512, "shards": ["shard-0"], "placements": {"st_…": {…}}}`.
extension ShardMap: Codable {
    private enum Key: String, CodingKey {
        case version, strategy, virtualNodes, ranges, shards, placements
    }

    private struct Range: Codable {
        /// 16 hexadecimal digits: JSON's numbers end at 2⁵³.
        let from: String
        let shard: String
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let placements = try container.decodeIfPresent([String: Placement].self, forKey: .placements) ?? [:]
        let placed = try placements.map { text, placement throws(ShardMapError) in
            guard let store = StoreID(text) else { throw .unreadable("'\(text.prefix(80))' is no store's id.") }
            return (store.routingKey.value, placement)
        }
        try self.init(
            version: try container.decode(Int.self, forKey: .version), strategy: try Self.strategy(container),
            shards: try container.decode([String].self, forKey: .shards),
            placements: Dictionary(placed) { first, _ in first })
    }

    private static func strategy(_ container: KeyedDecodingContainer<Key>) throws -> Strategy {
        switch try container.decode(String.self, forKey: .strategy) {
        case "modulo": return .modulo
        case "ring": return .ring(virtualNodes: try container.decode(Int.self, forKey: .virtualNodes))
        case "ranges":
            return .ranges(
                try container.decode([Range].self, forKey: .ranges).map { range throws(ShardMapError) in
                    guard let from = UInt64(range.from, radix: 16) else {
                        throw .unreadable("'\(range.from.prefix(40))' is no beginning of a range.")
                    }
                    return ShardRange(from: from, shard: range.shard)
                })
        case let other: throw ShardMapError.unreadable("'\(other.prefix(40))' is no strategy: modulo, ranges or ring.")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(version, forKey: .version)
        try container.encode(strategy.name, forKey: .strategy)
        switch strategy {
        case .modulo: break
        case .ring(let virtualNodes): try container.encode(virtualNodes, forKey: .virtualNodes)
        case .ranges(let ranges):
            let written = ranges.map { range in
                let digits = String(range.from, radix: 16)
                return Range(from: String(repeating: "0", count: 16 - digits.count) + digits, shard: range.shard)
            }
            try container.encode(written, forKey: .ranges)
        }
        try container.encode(shards, forKey: .shards)
        let placed = placements.map { (StoreID(number: Int64(bitPattern: $0.key)).description, $0.value) }
        try container.encode(Dictionary(placed) { first, _ in first }, forKey: .placements)
    }

    /// Reads what ``json`` wrote.
    /// - Throws: ``ShardMapError``, whatever is wrong with the text.
    public init(json: String) throws(ShardMapError) {
        do {
            self = try JSONDecoder().decode(ShardMap.self, from: Data(json.utf8))
        } catch let error as ShardMapError {
            throw error
        } catch {
            throw .unreadable("\(error)")
        }
    }

    /// The map as JSON, the same text for the same map.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Text, numbers and containers of them: nothing that JSON could not hold.
        guard let data = try? encoder.encode(self) else { preconditionFailure("a map is always JSON") }
        return String(decoding: data, as: UTF8.self)
    }
}

extension ShardMap.Placement: Codable {
    private enum Key: String, CodingKey {
        case shard, since, position
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let position = try container.decodeIfPresent(String.self, forKey: .position).map { text in
            guard let position = ShardPosition(text) else {
                throw ShardMapError.unreadable("'\(text.prefix(40))' is no position.")
            }
            return position
        }
        self.init(
            shard: try container.decode(String.self, forKey: .shard),
            since: try container.decode(Int.self, forKey: .since), position: position)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(shard, forKey: .shard)
        try container.encode(since, forKey: .since)
        try container.encodeIfPresent(position?.description, forKey: .position)
    }
}
