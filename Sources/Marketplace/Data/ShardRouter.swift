import Synchronization

/// Resolves a routing key to its shard in constant time, over the newest map that this server knows.
public final class ShardRouter: Sendable {
    /// Where a server's map came from.
    public enum Origin: Sendable, Hashable {
        /// From the settings: there is no `central`.
        case settings
        case central
        /// From the copy that this shard keeps, since central did not answer.
        case copy(shard: String)
        /// Nothing is known yet; the settings' map stands in, and no request is answered by it.
        case none

        /// As readiness says it.
        public var name: String {
            switch self {
            case .settings: "settings"
            case .central: "central"
            case .copy(let shard): shard
            case .none: "none"
            }
        }
    }

    /// What a shard said of a store that it had.
    private struct Learned: Sendable {
        let shard: Int
        let arrival: ShardPosition?
    }

    private struct State: Sendable {
        var map: ShardMap
        var origin: Origin
        /// By the map's indices.
        var shards: [Shard]
        /// Stores that a shard said have moved, before a map says so.
        var learned: [UInt64: Learned] = [:]
        /// Stores that a later version placed have come a moment ago, as far as this server knows, until then.
        var freshSince = 0
        var freshUntil: ContinuousClock.Instant?
        /// Why the newest map cannot be used; nil when it is.
        var complaint: String?
    }

    /// Stores learned from shards at most; further ones wait for the map.
    private static let maximumLearned = ShardMap.maximumPlacements
    /// No replica that is asked is further behind.
    private static let freshness = Duration.seconds(60)

    /// Every shard that settings name, whether or not the map uses it yet.
    public let known: [Shard]
    private let state: Mutex<State>

    /// Makes a router.
    /// - Parameters:
    ///   - shards: every shard that settings name; the map's are among them.
    ///   - origin: where the map came from.
    public init(map: ShardMap, shards: [Shard], origin: Origin = .settings) {
        known = shards
        // Both are made from the same settings, by the one who makes the router.
        guard let used = Self.used(map, shards) else { preconditionFailure("the map and the shards differ") }
        state = Mutex(State(map: map, origin: origin, shards: used))
    }

    /// Where stores live.
    public var map: ShardMap { state.withLock { $0.map } }
    /// Where the map came from.
    public var origin: Origin { state.withLock { $0.origin } }
    /// By index, as in the map.
    public var shards: [Shard] { state.withLock { $0.shards } }
    /// Why the newest map cannot be used; nil when it is.
    public var complaint: String? { state.withLock { $0.complaint } }

    /// Where a key's data lives.
    public func shard(of key: RoutingKey) -> Shard {
        state.withLock { state in
            if !state.learned.isEmpty, let learned = state.learned[key.value] {
                return state.shards[learned.shard]
            }
            return state.shards[state.map.shard(of: key)]
        }
    }

    /// How far its shard's log had come when a store arrived there, where that still matters: it arrived a moment ago,
    /// or after the map that the reader last met; nil otherwise.
    func arrival(
        of key: RoutingKey, since mapVersion: Int?, at now: ContinuousClock.Instant
    ) -> ShardPosition? {
        state.withLock { state in
            if !state.learned.isEmpty, let learned = state.learned[key.value] { return learned.arrival }
            guard let placement = state.map.placements[key.value] else { return nil }
            let isFresh = placement.since > state.freshSince && state.freshUntil.map { now < $0 } ?? false
            return isFresh || placement.since > mapVersion ?? .max ? placement.position : nil
        }
    }

    /// Goes by another map from here on, if it is newer.
    /// - Returns: whether it is in force now.
    @discardableResult
    func adopt(_ map: ShardMap, from origin: Origin, at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            guard map.version > state.map.version || state.origin == .none else { return false }
            guard let used = Self.used(map, known) else {
                let names = map.shards.filter { name in !known.contains { $0.name == name } }
                state.complaint =
                    "shard map \(map.version) names \(names.joined(separator: ", ")): add them to MARKETPLACE_SHARDS"
                return false
            }
            // What was learned stands until a map says the same, in the new map's indices.
            let learned = state.learned.compactMap { key, learned -> (UInt64, Learned)? in
                let name = state.shards[learned.shard].name
                guard let index = map.shards.firstIndex(of: name), map.shard(of: RoutingKey(key)) != index else {
                    return nil
                }
                return (key, Learned(shard: index, arrival: learned.arrival))
            }
            if state.freshUntil.map({ $0 <= now }) ?? false { state.freshSince = state.map.version }
            state.freshUntil = now + Self.freshness
            state.map = map
            state.origin = origin
            state.shards = used
            state.learned = Dictionary(uniqueKeysWithValues: learned)
            state.complaint = nil
            return true
        }
    }

    /// A shard said where a store that it had has gone: `shard-1 1:16B374D8`, the second with which position it came
    /// there.
    /// - Returns: whether that is a shard of the map.
    func learn(_ key: RoutingKey, _ text: String) -> Bool {
        let words = text.split(separator: " ")
        return state.withLock { state in
            guard let name = words.first, let index = state.map.shards.firstIndex(of: String(name)) else {
                return false
            }
            if state.map.shard(of: key) == index {
                state.learned[key.value] = nil
            } else if state.learned.count < Self.maximumLearned || state.learned[key.value] != nil {
                let arrival = words.count > 1 ? ShardPosition(String(words[1])) : nil
                state.learned[key.value] = Learned(shard: index, arrival: arrival)
            }
            return true
        }
    }

    private static func used(_ map: ShardMap, _ known: [Shard]) -> [Shard]? {
        let used = map.shards.compactMap { name in known.first { $0.name == name } }
        return used.count == map.shards.count ? used : nil
    }
}
