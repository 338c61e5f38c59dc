/// What decides the shard of everything that belongs to one store: the store's own number, never the shard's, so that
/// a store can move to another shard and every id stays valid.
public struct RoutingKey: Hashable, Sendable {
    /// 64 bits, evenly spread.
    public let value: UInt64

    /// Makes a key.
    public init(_ value: UInt64) {
        self.value = value
    }

    /// The key with its bits spread evenly, for placing it on a shard (the finalizer of SplitMix64, Steele et al.
    /// 2014).
    public var mixed: UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Names a store. Its number is drawn at random, so that stores spread over shards whatever order they come in.
public struct StoreID: Hashable, Sendable, Comparable, LosslessStringConvertible {
    /// Greater than 0; the primary key in the database.
    public let number: Int64

    /// Makes an id from the number that the database keeps.
    public init(number: Int64) {
        self.number = number
    }

    /// Reads `st_` and 13 base-32 digits; nil for anything else.
    public init?(_ text: String) {
        guard let numbers = Base32.numbers(text, prefix: "st_", count: 1) else { return nil }
        number = numbers[0]
    }

    /// Decides the shard of everything in the store.
    public var routingKey: RoutingKey { RoutingKey(UInt64(bitPattern: number)) }
    public var description: String { Base32.text(prefix: "st_", numbers: [number]) }

    public static func < (left: StoreID, right: StoreID) -> Bool { left.number < right.number }
}

/// What lives in a store and is named by an id of its own.
public protocol StoreItem {
    /// What its ids begin with: two letters and an underscore.
    static var idPrefix: String { get }
}

/// Names one thing of a store; carries the number of its store and a number of its own that grows with time. As text:
/// the kind's prefix and 26 base-32 digits.
public struct ItemID<Item: StoreItem>: Hashable, Sendable, LosslessStringConvertible {
    /// The store that it belongs to.
    public let store: StoreID
    /// Unique within the store and the kind.
    public let number: Int64

    /// Makes an id from its parts.
    public init(store: StoreID, number: Int64) {
        self.store = store
        self.number = number
    }

    /// Reads what ``description`` gives; nil for anything else, another kind's id among it.
    public init?(_ text: String) {
        guard let numbers = Base32.numbers(text, prefix: Item.idPrefix, count: 2) else { return nil }
        self.init(store: StoreID(number: numbers[0]), number: numbers[1])
    }

    public var description: String { Base32.text(prefix: Item.idPrefix, numbers: [store.number, number]) }
}
