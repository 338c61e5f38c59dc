/// What the marketplace under test sells, as far as the workload needs to know it.
public struct Catalogue: Sendable, Equatable {
    /// In the order in which the servers list them.
    public var stores: [Store]
    /// Of all stores.
    public var products: [Product]
    /// What the workload orders: a few SKUs of a few stores of every Postgres group, so that stock can be counted
    /// before and after.
    public var skus: [SKU]
    /// Words of products' names, to search for.
    public var words: [String] = []

    /// A store that load goes to.
    public struct Store: Sendable, Equatable {
        public var id: String
        /// The Postgres group that it lives on.
        public var group: String
    }

    /// A product that load goes to.
    public struct Product: Sendable, Equatable {
        public var id: String
        /// Index into ``Catalogue/stores``.
        public var store: Int
    }

    /// A variant that orders name.
    public struct SKU: Sendable, Equatable {
        /// As orders name it.
        public var code: String
        /// Index into ``Catalogue/stores``.
        public var store: Int
        /// On hand when the catalogue was read.
        public var quantity: Int64
    }

    /// The Postgres group that a store lives on, by its number.
    public func group(of store: Int) -> String { stores[store].group }

    /// The stores that the workload orders from.
    public var orderedStores: [Store] { Set(skus.map(\.store)).sorted().map { stores[$0] } }
}
