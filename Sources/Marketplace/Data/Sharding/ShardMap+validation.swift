extension ShardMap {
    /// The shards' indices by name.
    static func indices(version: Int, shards: [String]) throws(ShardMapError) -> [String: Int] {
        guard version > 0 else { throw .version(version) }
        guard !shards.isEmpty else { throw .noShards }
        guard shards.count <= maximumShards else { throw .tooManyShards(shards.count) }
        var indices: [String: Int] = [:]
        for (index, name) in shards.enumerated() {
            guard isShardName(name) else { throw .shardName(name, index: index) }
            if let first = indices[name] { throw .shardNamedTwice(name, first: first, second: index) }
            indices[name] = index
        }
        return indices
    }

    /// Fit for DNS, and short enough for tokens and cursors.
    static func isShardName(_ name: String) -> Bool {
        let bytes = name.utf8
        guard (1...32).contains(bytes.count), let first = bytes.first, (0x61...0x7A).contains(first) else {
            return false
        }
        return bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    static func segments(
        _ ranges: [ShardRange], _ indices: [String: Int]
    ) throws(ShardMapError) -> [SegmentTable.Segment] {
        guard (1...maximumRanges).contains(ranges.count) else { throw .tooManyRanges(ranges.count) }
        guard ranges[0].from == 0 else { throw .rangesBeginLate(at: ranges[0].from) }
        var segments: [SegmentTable.Segment] = []
        segments.reserveCapacity(ranges.count)
        for (index, range) in ranges.enumerated() {
            if index > 0, range.from <= ranges[index - 1].from { throw .rangesUnordered(index: index) }
            guard let owner = indices[range.shard] else {
                throw .rangeOfUnknownShard(range.shard, index: index)
            }
            segments.append(SegmentTable.Segment(from: range.from, owner: owner))
        }
        return segments
    }

    static func placed(
        _ placements: [UInt64: Placement], _ indices: [String: Int], version: Int
    ) throws(ShardMapError) -> [UInt64: Int] {
        guard placements.count <= maximumPlacements else { throw .tooManyPlacements(placements.count) }
        var placed: [UInt64: Int] = [:]
        placed.reserveCapacity(placements.count)
        for (key, placement) in placements {
            let store = StoreID(number: Int64(bitPattern: key))
            guard let index = indices[placement.shard] else {
                throw .placementOnUnknownShard(placement.shard, store: store)
            }
            guard placement.since <= version else { throw .placementFromLater(placement.since, store: store) }
            placed[key] = index
        }
        return placed
    }
}
