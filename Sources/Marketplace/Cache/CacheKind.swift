/// What kind of thing is kept; each lives for its own time.
public enum CacheKind: String, Sendable, CaseIterable {
    case product
    /// A page of a store's products.
    case list
    case brand
    case category
}
