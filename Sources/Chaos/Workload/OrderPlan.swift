/// One logical order: what one customer wants once, under one key.
struct OrderPlan: Sendable {
    var key: String
    var customer: String
    var sku: Catalogue.SKU
    var store: Catalogue.Store
    var quantity: Int64
    /// Sent twice at once, to two servers.
    var isDoubleClicked: Bool
    /// How long its client waits for an answer.
    var timeout: Duration
    /// Index of the server that gets the first attempt; each further one goes to the next.
    var server: Int
    /// For the jitter of its retries.
    var random: SeededRandom

    /// Customers that take turns.
    private static let customers = 500

    init(
        catalogue: Catalogue, key: String, isDoubleClicked: Bool, timeout: Duration, server: Int,
        random: inout SeededRandom
    ) {
        self.key = key
        self.timeout = timeout
        self.isDoubleClicked = isDoubleClicked
        self.server = server
        customer = "customer-\(Int.random(in: 0..<Self.customers, using: &random))"
        sku = catalogue.skus[Int.random(in: 0..<catalogue.skus.count, using: &random)]
        store = catalogue.stores[sku.store]
        quantity = Int64.random(in: 1...2, using: &random)
        self.random = random.derived(key)
    }

    var request: ServiceCaller.Request {
        var body = JSONWriter()
        body.write(["items": [["sku": .string(sku.code), "quantity": .int(quantity)]]])
        return ServiceCaller.Request(
            .POST, "/v1/stores/\(store.id)/orders",
            headers: [
                ("content-type", "application/json"), ("x-customer-id", customer), ("idempotency-key", key),
            ],
            body: body.bytes)
    }
}
