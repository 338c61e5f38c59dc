/// A key of the cache; its hash is computed once, since each look-up needs it several times.
public struct CacheKey: Sendable, Hashable {
    /// As in Redis.
    public let text: String
    let hash: Int

    /// Makes a key.
    public init(_ text: String) {
        self.text = text
        hash = text.hashValue
    }

    public static func == (left: CacheKey, right: CacheKey) -> Bool {
        left.hash == right.hash && left.text == right.text
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(hash)
    }
}
