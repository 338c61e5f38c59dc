/// What the marketplace under test sells, as far as the workload needs to know it.
public struct Catalogue: Sendable, Equatable {
    public var stores: [Store]
    public var products: [Product]
    /// What the workload orders: a few SKUs of a few stores of every Postgres group, so that stock can be counted
    /// before and after.
    public var skus: [SKU]

    public struct Store: Sendable, Equatable {
        public var id: String
        /// The Postgres group that it lives on.
        public var group: String
    }

    public struct Product: Sendable, Equatable {
        public var id: String
        /// Index into ``Catalogue/stores``.
        public var store: Int
    }

    public struct SKU: Sendable, Equatable {
        public var code: String
        /// Index into ``Catalogue/stores``.
        public var store: Int
        public var quantity: Int64
    }

    public func group(of store: Int) -> String { stores[store].group }

    /// The stores that the workload orders from.
    public var orderedStores: [Store] { Set(skus.map(\.store)).sorted().map { stores[$0] } }
}
