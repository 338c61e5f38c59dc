/// Who makes some of a store's products.
public struct Brand: Sendable, Hashable {
    /// Carries its store.
    public let id: BrandID
    /// The store's only one of this name, however it is capitalised.
    public let name: String
    /// Grows with every change.
    public let version: Int64
    /// When it was made.
    public let createdAt: Timestamp
    /// When it was last changed.
    public let updatedAt: Timestamp
}

extension Brand: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id.description)
            json.member("storeId", id.store.description)
            json.member("name", name)
            json.member("version", version)
            json.member("createdAt", createdAt.description)
            json.member("updatedAt", updatedAt.description)
        }
    }
}

/// What a client says of a brand: `{"name": …}`.
public struct BrandInput: Decodable, Sendable, Hashable {
    public let name: String

    /// Makes the body of a brand.
    public init(name: String) {
        self.name = name
    }

    /// What is wrong with it; empty when nothing is.
    public var faults: [Problem.Detail] { Validation.name(name, pointer: "/name") }
}

/// Names a brand.
public typealias BrandID = ItemID<Brand>

extension Brand: StoreItem {
    public static let idPrefix = "br_"
}
