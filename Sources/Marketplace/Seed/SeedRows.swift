import Postgres

/// The rows of one shard, by table, ready to be copied in the order of the tables.
struct SeedRows: Sendable {
    var stores: [CopyRow] = []
    var brands: [CopyRow] = []
    var categories: [CopyRow] = []
    var products: [CopyRow] = []
    var skus: [CopyRow] = []
    var users: [CopyRow] = []
    var orders: [CopyRow] = []
    var items: [CopyRow] = []
    var keys: [CopyRow] = []

    /// The rows that live on one shard.
    init(_ plan: SeedPlan, map: ShardMap, shard: Int) {
        let users = Self.users(plan)
        for user in users where map.shard(of: user.key) == shard {
            var row = CopyRow()
            row.append(user.id)
            row.append(user.name)
            row.append(user.email)
            row.append(SeedPlan.opening.forDatabase)
            self.users.append(row)
        }
        for index in 0..<plan.stores {
            var random = SeededRandom(seed: RoutingKey(plan.seed ^ RoutingKey(UInt64(index)).mixed).mixed)
            let store = StoreID(number: random.idNumber())
            guard map.shard(of: store.routingKey) == shard else { continue }
            add(store: store, index: index, plan: plan, users: users, &random)
        }
    }

    private mutating func add(
        store: StoreID, index: Int, plan: SeedPlan, users: [User], _ random: inout SeededRandom
    ) {
        let place = SeedWords.places[index % SeedWords.places.count]
        let trade = SeedWords.trades[index / SeedWords.places.count % SeedWords.trades.count]
        let round = index / (SeedWords.places.count * SeedWords.trades.count)
        let currency = random.pick(SeedWords.currencies)
        var row = CopyRow()
        row.append(store.number)
        row.append(round == 0 ? "\(place) \(trade)" : "\(place) \(trade) \(round + 1)")
        row.append(currency)
        row.append(SeedPlan.opening.forDatabase)
        row.append(SeedPlan.opening.forDatabase)
        stores.append(row)

        let offers = addCatalogue(
            of: store, currency: currency, products: plan.share(plan.products, of: index), &random)
        guard !offers.isEmpty else { return }
        for order in 0..<plan.share(plan.orders, of: index) {
            let customer = random.pick(users).id
            addOrder(order, of: store, for: customer, currency: currency, offers: offers, &random)
        }
    }

    private mutating func addOrder(
        _ index: Int, of store: StoreID, for customer: String, currency: String,
        offers: [SeedOffer], _ random: inout SeededRandom
    ) {
        // Orders came in after the last product: one every ten minutes.
        let minutes = offers.count + index * 10
        let created = Timestamp(microseconds: SeedPlan.opening.microseconds + Int64(minutes) * 60_000_000)
        let number = Self.number(at: created, &random)
        let key = Base32.text(prefix: "seed-", numbers: [random.idNumber()])
        var chosen: [String: (price: Int64, quantity: Int)] = [:]
        for _ in 0...random.below(3) {
            let offer = random.pick(offers)
            chosen[offer.sku] = (offer.price, 1 + random.below(3))
        }
        let lines = chosen.sorted { $0.key < $1.key }
        let input = OrderInput(items: lines.map { OrderInput.Item(sku: $0.key, quantity: $0.value.quantity) })
        var order = CopyRow()
        order.append(store.number)
        order.append(number)
        order.append(customer)
        order.append(key)
        order.append("placed")
        order.append(currency)
        var total: Int64 = 0
        for line in lines { total += line.value.price * Int64(line.value.quantity) }
        order.append(total)
        order.append(created.forDatabase)
        orders.append(order)
        for line in lines {
            var row = CopyRow()
            row.append(store.number)
            row.append(number)
            row.append(line.key)
            row.append(Int64(line.value.quantity))
            row.append(line.value.price)
            items.append(row)
        }
        var used = CopyRow()
        used.append(store.number)
        used.append(customer)
        used.append(key)
        used.append(input.fingerprint)
        used.append(number)
        used.append(created.forDatabase)
        keys.append(used)
    }

    private struct User {
        var key: RoutingKey
        var id: String
        var name: String
        var email: String
    }

    private static func users(_ plan: SeedPlan) -> [User] {
        var random = SeededRandom(seed: plan.seed ^ 0x5EED)
        return (0..<plan.users).map { index in
            let first = random.pick(SeedWords.firstNames)
            let last = random.pick(SeedWords.lastNames)
            let number = random.idNumber()
            return User(
                key: RoutingKey(UInt64(bitPattern: number)), id: Base32.text(prefix: "us_", numbers: [number]),
                name: "\(first) \(last)", email: "\(first).\(last).\(index)@example.com".lowercased())
        }
    }
}
