/// A tenant: it sells products, and everything of it lives on one shard.
public struct Store: Sendable, Hashable {
    /// Carries its routing key.
    public let id: StoreID
    public let name: String
    /// ISO 4217.
    public let currency: String
    /// Grows with every change.
    public let version: Int64
    /// When it was made.
    public let createdAt: Timestamp
    /// When it was last changed.
    public let updatedAt: Timestamp
}

extension Store: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id.description)
            json.member("name", name)
            json.member("currency", currency)
            json.member("version", version)
            json.member("createdAt", createdAt.description)
            json.member("updatedAt", updatedAt.description)
        }
    }
}

/// What a client says of a store: `{"name": …, "currency": …}`.
public struct StoreInput: Decodable, Sendable, Hashable {
    public let name: String
    /// ISO 4217.
    public let currency: String

    /// Makes the body of a store.
    public init(name: String, currency: String) {
        self.name = name
        self.currency = currency
    }

    /// What is wrong with it; empty when nothing is.
    public var faults: [Problem.Detail] {
        var faults = Validation.name(name, pointer: "/name")
        if currency.utf8.count != 3 || !currency.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) {
            faults.append(Problem.Detail(pointer: "/currency", message: "has to be three letters of ISO 4217, as EUR"))
        }
        return faults
    }
}
