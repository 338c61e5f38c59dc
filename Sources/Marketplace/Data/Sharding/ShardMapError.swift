/// A map that cannot be; every case says which part, where, and what would be right.
public enum ShardMapError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A map starts at version 1.
    case version(Int)
    case noShards
    case tooManyShards(Int)
    /// The name at this index cannot be a shard's.
    case shardName(String, index: Int)
    /// The name stands at both indices.
    case shardNamedTwice(String, first: Int, second: Int)
    case virtualNodes(Int)
    case tooManyRanges(Int)
    /// The first range begins after 0, so that keys below have no shard.
    case rangesBeginLate(at: UInt64)
    /// The range at this index begins no later than the one before it.
    case rangesUnordered(index: Int)
    /// The range at this index names no shard of the map.
    case rangeOfUnknownShard(String, index: Int)
    case tooManyPlacements(Int)
    /// The store is placed on no shard of the map.
    case placementOnUnknownShard(String, store: StoreID)
    /// The store's placement is from a version that this map is before.
    case placementFromLater(Int, store: StoreID)
    /// The shard is there already, or is not.
    case shardKnown(String)
    case shardUnknown(String)
    /// The text is no map; the sentence says where it stops being one.
    case unreadable(String)

    public var description: String {
        switch self {
        case .version(let version): "The map's version is \(version): versions count from 1."
        case .noShards: "The map has no shard: name at least one."
        case .tooManyShards(let count): "The map has \(count) shards: \(ShardMap.maximumShards) is the limit."
        case .shardName(let name, let index):
            "shards[\(index)] is '\(name.prefix(80))': a shard's name is 1 to 32 of a-z, 0-9 and '-', a letter first."
        case .shardNamedTwice(let name, let first, let second):
            "shards[\(first)] and shards[\(second)] are both '\(name)': give each shard a name of its own."
        case .virtualNodes(let count):
            "The ring has \(count) points for each shard: use 1 to \(ShardMap.maximumVirtualNodes)."
        case .tooManyRanges(let count): "The map has \(count) ranges: use 1 to \(ShardMap.maximumRanges)."
        case .rangesBeginLate(let start): "ranges[0] begins at \(start): begin at 0, so that every key has a shard."
        case .rangesUnordered(let index):
            "ranges[\(index)] begins no later than ranges[\(index - 1)]: write ranges in order, each beginning once."
        case .rangeOfUnknownShard(let name, let index):
            "ranges[\(index)] belongs to '\(name.prefix(80))', which is no shard of the map."
        case .tooManyPlacements(let count):
            "The map places \(count) stores by name: \(ShardMap.maximumPlacements) is the limit. Use another strategy, "
                + "or more ranges, so that most stores live where their key says."
        case .placementOnUnknownShard(let name, let store):
            "placements[\(store)] is on '\(name.prefix(80))', which is no shard of the map."
        case .placementFromLater(let since, let store):
            "placements[\(store)] is from version \(since), which is after the map's own."
        case .shardKnown(let name): "'\(name.prefix(80))' is a shard of the map already."
        case .shardUnknown(let name): "'\(name.prefix(80))' is no shard of the map."
        case .unreadable(let sentence): "This is no shard map: \(sentence)"
        }
    }
}
