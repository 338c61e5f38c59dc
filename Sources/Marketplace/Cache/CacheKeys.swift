/// The names under which things lie in Redis.
enum CacheKeys {
    /// One product's answer, or the empty mark that it was changed a moment ago.
    static func product(_ id: ProductID) -> String { "product:\(id)" }

    /// What every cached page of a store's list has to carry; drawn anew with each change.
    static func generation(of store: StoreID) -> String { "list:\(store):generation" }

    /// Exists while a store's pages must not be filled.
    static func hold(of store: StoreID) -> String { "list:\(store):hold" }

    /// One page of a store's list.
    static func page(of store: StoreID, _ filter: ProductFilter, _ page: PageRequest) -> String {
        "list:\(store):\(page.limit):\(page.cursor?.description ?? ""):\(filter.category ?? "")"
    }
}
