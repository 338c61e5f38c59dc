import Crypto

/// What a client orders: `{"items": [{"sku": …, "quantity": …}]}`.
public struct OrderInput: Decodable, Sendable, Hashable {
    /// One SKU and how many of it.
    public struct Item: Decodable, Sendable, Hashable {
        /// What is ordered.
        public let sku: String
        /// How many.
        public let quantity: Int
        /// Whose SKU it is; nil for the order's own store, which is the only one that it can be.
        public let storeId: String?

        /// Makes an item.
        public init(sku: String, quantity: Int, storeId: String? = nil) {
            self.sku = sku
            self.quantity = quantity
            self.storeId = storeId
        }
    }

    /// What is ordered, each SKU once.
    public let items: [Item]

    /// Makes the body of an order.
    public init(items: [Item]) {
        self.items = items
    }

    static let maximumItems = 100
    static let maximumQuantity = 10_000

    /// What is wrong with it; empty when nothing is.
    public var faults: [Problem.Detail] {
        guard (1...Self.maximumItems).contains(items.count) else {
            return [Problem.Detail(pointer: "/items", message: "has to name 1 to \(Self.maximumItems) SKUs")]
        }
        var faults: [Problem.Detail] = []
        var seen: Set<String> = []
        for (index, item) in items.enumerated() {
            let pointer = "/items/\(index)"
            if !SKU.isValidCode(item.sku) {
                faults.append(Problem.Detail(pointer: pointer + "/sku", message: "has to be \(SKU.codeRule)"))
            }
            if !(1...Self.maximumQuantity).contains(item.quantity) {
                faults.append(
                    Problem.Detail(pointer: pointer + "/quantity", message: "has to be 1 to \(Self.maximumQuantity)"))
            }
            if !seen.insert(item.sku).inserted {
                faults.append(Problem.Detail(pointer: pointer + "/sku", message: "is named twice"))
            }
        }
        return faults
    }

    /// Items of other stores: each store may live on another shard, and no transaction crosses shards.
    /// - Throws: ``Problem`` `cross_shard_write`, naming each.
    func requireOne(_ store: StoreID) throws {
        let strangers = items.indices.filter { items[$0].storeId.map { $0 != store.description } ?? false }
        guard !strangers.isEmpty else { return }
        throw Problem(
            .crossShardWrite, "An order is of one store: place one order for each store, with a key of its own.",
            errors: strangers.map {
                Problem.Detail(pointer: "/items/\($0)/storeId", message: "has to be \(store), or left out")
            })
    }

    /// The same for two bodies that order the same, whatever their spelling: SHA-256 in hexadecimal.
    var fingerprint: String {
        var hash = SHA256()
        for item in items.sorted(by: { $0.sku < $1.sku }) {
            hash.update(data: Array("\(item.sku)=\(item.quantity);".utf8))
        }
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Where an item stands in the body.
    func pointer(of sku: String?) -> String {
        items.firstIndex { $0.sku == sku }.map { "/items/\($0)" } ?? "/items"
    }
}
