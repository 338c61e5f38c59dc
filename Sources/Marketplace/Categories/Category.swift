/// A place in the tree by which a store's products are found.
public struct Category: Sendable, Hashable {
    /// Carries its store.
    public let id: CategoryID
    /// What it is below; nil at the top.
    public let parent: CategoryID?
    /// What products and URLs name it by; it never changes.
    public let slug: String
    public let name: String
    /// Grows with every change.
    public let version: Int64
    /// When it was made.
    public let createdAt: Timestamp
    /// When it was last changed.
    public let updatedAt: Timestamp

    static let slugRule = "1 to 64 of a-z, 0-9 and '-', not '-' first"

    static func isValidSlug(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.first != "-"
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}

extension Category: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id.description)
            json.member("storeId", id.store.description)
            json.member("parentId", parent?.description)
            json.member("slug", slug)
            json.member("name", name)
            json.member("version", version)
            json.member("createdAt", createdAt.description)
            json.member("updatedAt", updatedAt.description)
        }
    }
}

/// Names a category.
public typealias CategoryID = ItemID<Category>

extension Category: StoreItem {
    public static let idPrefix = "ct_"
}
