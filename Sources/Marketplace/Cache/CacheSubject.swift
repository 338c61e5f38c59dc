/// Something that can be asked for: its kind, where it lies in Redis, and what ends it.
///
/// Three names in Redis: the entry, its lease, and its scope. A scope holds what is known of the last change: the
/// version that an answer must have at least. An item is alone in its scope; all pages of a list share one. Only scopes
/// are told to servers that keep answers in memory, and only changes write them.
struct CacheSubject: Sendable, Hashable {
    let kind: CacheKind
    /// In memory, under this name as well; an item's is its scope's.
    let key: CacheKey
    let scope: CacheKey
    /// Whose data it is.
    let store: StoreID
    /// In Redis.
    let entryName: String
    let leaseName: String

    /// What the names of scopes begin with, so that servers can be told of them and of nothing else.
    static let scopePrefix = "v:"

    /// Whether others share its scope.
    var isPage: Bool { key != scope }

    private init(_ kind: CacheKind, _ store: StoreID, scope: String, page: String? = nil) {
        let name = page.map { "\(scope):\($0)" } ?? scope
        self.kind = kind
        self.store = store
        self.scope = CacheKey(Self.scopePrefix + scope)
        key = page == nil ? self.scope : CacheKey(Self.scopePrefix + name)
        entryName = "e:" + name
        leaseName = "l:" + name
    }

    static func product(_ id: ProductID) -> CacheSubject {
        CacheSubject(.product, id.store, scope: "product:\(id)")
    }

    /// One thing of a store, by whatever text names it there.
    static func item(_ kind: CacheKind, _ id: String, of store: StoreID) -> CacheSubject {
        CacheSubject(kind, store, scope: "\(kind.rawValue):\(store):\(id)")
    }

    /// One page of a list; all pages of one kind of a store end together.
    static func page(_ kind: CacheKind, _ page: String, of store: StoreID) -> CacheSubject {
        CacheSubject(kind, store, scope: "\(kind.rawValue):\(store)", page: page)
    }

    static func page(_ filter: ProductFilter, _ page: PageRequest, of store: StoreID) -> CacheSubject {
        .page(.list, "\(page.limit):\(page.cursor?.description ?? ""):\(filter.cacheKey)", of: store)
    }
}

extension CacheSubject {
    /// The product that an entry's name in memory stands for; nil for other things.
    static func product(named key: CacheKey) -> ProductID? {
        let prefix = scopePrefix + "product:"
        guard key.text.hasPrefix(prefix) else { return nil }
        return ProductID(String(key.text.dropFirst(prefix.count)))
    }
}
