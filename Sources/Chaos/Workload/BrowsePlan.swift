/// Which reads to make: half of them favourites, which a cache should answer, and half a walk through everything in
/// turn, which comes back to a product so late that databases keep being asked.
struct BrowsePlan {
    private let catalogue: Catalogue
    private let walk: [Int]
    private var position = 0

    /// The clients' favourites.
    private static let favourites = 200

    struct Read: Sendable {
        /// `product` or `products`.
        var function: String
        var key: String
        var path: String
        var store: Catalogue.Store
    }

    init(catalogue: Catalogue, random: inout SeededRandom) {
        self.catalogue = catalogue
        walk = Array(catalogue.products.indices).shuffled(using: &random)
    }

    mutating func next(_ random: inout SeededRandom) -> Read {
        let isList = Int.random(in: 0..<5, using: &random) == 0 || catalogue.products.isEmpty
        return isList ? list(&random) : product(&random)
    }

    private mutating func product(_ random: inout SeededRandom) -> Read {
        let index: Int
        if Bool.random(using: &random) {
            index = walk[Int.random(in: 0..<min(Self.favourites, walk.count), using: &random)]
        } else {
            position = (position + 1) % walk.count
            index = walk[position]
        }
        let product = catalogue.products[index]
        let store = catalogue.stores[product.store]
        return Read(
            function: "product", key: product.id, path: "/v1/stores/\(store.id)/products/\(product.id)", store: store)
    }

    private func list(_ random: inout SeededRandom) -> Read {
        let store = catalogue.stores[Int.random(in: 0..<catalogue.stores.count, using: &random)]
        let limit = Int.random(in: 10...50, using: &random)
        return Read(
            function: "products", key: store.id, path: "/v1/stores/\(store.id)/products?limit=\(limit)", store: store)
    }
}
