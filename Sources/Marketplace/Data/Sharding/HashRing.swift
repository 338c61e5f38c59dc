/// Consistent hashing: every shard has many points on a ring, and a key belongs to the shard of the first point at or
/// after it. A new shard's points take stretches from all others and nothing else changes hands.
///
/// D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997; several points for each shard ("virtual nodes")
/// even out the shares, as in G. DeCandia et al., "Dynamo", SOSP 2007.
enum HashRing {
    private struct Point {
        let place: UInt64
        let shard: Int
    }

    /// The ring cut open at 0 and turned round: stretches from one point to the next with the owner of each.
    static func segments(
        _ shards: [String], virtualNodes: Int
    ) throws(ShardMapError) -> [SegmentTable.Segment] {
        guard (1...ShardMap.maximumVirtualNodes).contains(virtualNodes) else { throw .virtualNodes(virtualNodes) }
        var points: [Point] = []
        points.reserveCapacity(shards.count * virtualNodes)
        for (index, name) in shards.enumerated() {
            var state = fingerprint(name)
            for _ in 0..<virtualNodes {
                // SplitMix64 (Steele et al. 2014), from a seed that is the name's alone: a shard keeps its points
                // whatever other shards there are.
                points.append(Point(place: RoutingKey(state).mixed, shard: index))
                state &+= 0x9E37_79B9_7F4A_7C15
            }
        }
        points.sort { ($0.place, shards[$0.shard]) < ($1.place, shards[$1.shard]) }
        var segments = [SegmentTable.Segment(from: 0, owner: points[0].shard)]
        for (index, point) in points.enumerated() {
            // Behind the last point the ring goes on at the first.
            let owner = points[index + 1 < points.count ? index + 1 : 0].shard
            guard point.place < .max, owner != segments[segments.count - 1].owner else { continue }
            let from = point.place + 1
            if segments[segments.count - 1].from == from { segments.removeLast() }
            segments.append(SegmentTable.Segment(from: from, owner: owner))
        }
        return segments
    }

    /// FNV-1a (Fowler, Noll, Vo) with 64 bits.
    private static func fingerprint(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
