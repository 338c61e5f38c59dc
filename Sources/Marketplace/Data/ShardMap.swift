/// Which shard holds a routing key. A value: the same map gives the same answer on every server, in constant time.
///
/// It names shards and says nothing of where their nodes listen: each server reaches a node in its own way, and that
/// stands in its settings.
public struct ShardMap: Sendable {
    /// How keys are spread over shards.
    public enum Strategy: Sendable, Hashable {
        /// The mixed key modulo the number of shards: even; adding a shard moves most stores.
        case modulo
        /// Stretches of the mixed key, in order, the first from 0: an operator decides what moves.
        case ranges([ShardRange])
        /// Consistent hashing (Karger et al. 1997) with so many points for each shard: even within a few percent; the
        /// n-th shard takes about 1/n of the stores, and nothing else moves.
        case ring(virtualNodes: Int)

        /// As settings and JSON say it.
        public var name: String {
            switch self {
            case .modulo: "modulo"
            case .ranges: "ranges"
            case .ring: "ring"
            }
        }
    }

    /// Where one store lives, whatever the strategy says of its key.
    public struct Placement: Sendable, Hashable {
        /// The shard's name.
        public let shard: String
        /// The version of the map that placed it there.
        public let since: Int
        /// How far the shard's log had come when the store arrived: whoever has seen the store elsewhere has to see at
        /// least this much here. Nil for a store that did not move.
        public let position: ShardPosition?

        /// Makes a placement.
        public init(shard: String, since: Int, position: ShardPosition? = nil) {
            self.shard = shard
            self.since = since
            self.position = position
        }
    }

    /// Shards of a map at most.
    public static let maximumShards = 256
    /// Ranges of a map at most.
    public static let maximumRanges = 4096
    /// Points of one shard on the ring at most.
    public static let maximumVirtualNodes = 4096
    /// Stores at most that live elsewhere than the strategy says.
    public static let maximumPlacements = 10_000
    /// Points of one shard on the ring unless a map says otherwise: shares stay within about 5 % of even.
    public static let defaultVirtualNodes = 512

    /// Grows by one with every change of the map.
    public let version: Int
    /// How keys are spread.
    public let strategy: Strategy
    /// The shards' names, by index.
    public let shards: [String]
    /// Stores that were moved or stay behind, by the value of their routing key.
    public let placements: [UInt64: Placement]
    /// The strategy's own answer; nil for modulo, which needs no table.
    let segments: SegmentTable?
    private let placed: [UInt64: Int]

    /// Makes a map and the tables that answer for it.
    /// - Throws: ``ShardMapError`` saying which part cannot be, where, and what to do.
    public init(
        version: Int = 1, strategy: Strategy = .modulo, shards: [String], placements: [UInt64: Placement] = [:]
    ) throws(ShardMapError) {
        let indices = try Self.indices(version: version, shards: shards)
        self.version = version
        self.strategy = strategy
        self.shards = shards
        self.placements = placements
        segments =
            switch strategy {
            case .modulo: nil
            case .ranges(let ranges): SegmentTable(try Self.segments(ranges, indices))
            case .ring(let virtualNodes): SegmentTable(try HashRing.segments(shards, virtualNodes: virtualNodes))
            }
        placed = try Self.placed(placements, indices, version: version)
    }

    /// The index of the shard that holds a key.
    public func shard(of key: RoutingKey) -> Int {
        if !placed.isEmpty, let index = placed[key.value] { return index }
        return natural(key)
    }

    /// The index of the shard where the strategy alone puts a key.
    func natural(_ key: RoutingKey) -> Int {
        segments?.owner(of: key.mixed) ?? Int(key.mixed % UInt64(shards.count))
    }
}

extension ShardMap: Hashable {
    public static func == (left: Self, right: Self) -> Bool {
        left.version == right.version && left.strategy == right.strategy && left.shards == right.shards
            && left.placements == right.placements
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(version)
        hasher.combine(shards)
    }
}

extension ShardMap: CustomStringConvertible {
    public var description: String {
        let how =
            switch strategy {
            case .modulo: "modulo"
            case .ranges(let ranges): "\(ranges.count) ranges"
            case .ring(let virtualNodes): "a ring of \(virtualNodes) points each"
            }
        let placed = placements.isEmpty ? "" : "; \(placements.count) stores placed by name"
        return "version \(version), \(how) over \(shards.count): \(shards.joined(separator: ", "))\(placed)"
    }
}

/// A stretch of the mixed key, to the beginning of the next.
public struct ShardRange: Sendable, Hashable {
    /// The first mixed key of it.
    public let from: UInt64
    /// The name of the shard that holds it.
    public let shard: String

    /// Makes a range.
    public init(from: UInt64, shard: String) {
        self.from = from
        self.shard = shard
    }
}
