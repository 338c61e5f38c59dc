/// How much believable data to make, and from which seed: the same plan gives the same rows on every machine.
public struct SeedPlan: Sendable, Hashable {
    /// How many stores.
    public var stores: Int
    /// How many products, over all stores.
    public var products: Int
    /// How many customers orders are spread over.
    public var users: Int
    /// How many orders, over all stores.
    public var orders: Int
    /// The same seed makes the same data.
    public var seed: UInt64

    /// - Throws: ``SettingsError`` for counts that cannot be.
    public init(stores: Int, products: Int, users: Int, orders: Int, seed: UInt64) throws(SettingsError) {
        let counts: KeyValuePairs = [
            "--stores": stores, "--products": products, "--users": users, "--orders": orders,
        ]
        var complaints: [String] = []
        for (name, count) in counts where count < 0 || count > Self.maximumCount {
            complaints.append("\(name) is \(count): use 0 to \(Self.maximumCount).")
        }
        if stores == 0, products > 0 || orders > 0 {
            complaints.append("Products and orders need a store: --stores is 0.")
        }
        if orders > 0, products < stores || users == 0 {
            complaints.append("Orders need users, and a product in each store.")
        }
        guard complaints.isEmpty else { throw SettingsError(complaints) }
        self.stores = stores
        self.products = products
        self.users = users
        self.orders = orders
        self.seed = seed
    }

    static let maximumCount = 10_000_000
    /// 2026-01-01T00:00:00Z: when the first store opened.
    static let opening = Timestamp(microseconds: 1_767_225_600_000_000)

    /// How many of `total` fall to one of the stores: even, the first ones take the rest.
    func share(_ total: Int, of store: Int) -> Int {
        total / stores + (store < total % stores ? 1 : 0)
    }
}
