/// What a client says of a category: `{"slug", "name", "parentId"}`. In a change the slug may be left out, and has to
/// be the same where it is not.
public struct CategoryInput: Decodable, Sendable, Hashable {
    /// Nil: as it is.
    public let slug: String?
    public let name: String
    /// What it is below; nil for the top.
    public let parentId: String?

    /// Makes the body of a category.
    public init(slug: String? = nil, name: String, parentId: String? = nil) {
        self.slug = slug
        self.name = name
        self.parentId = parentId
    }

    /// What is wrong with it; empty when nothing is.
    /// - Parameters:
    ///   - isNew: a new category needs a slug.
    ///   - store: where its parent has to be.
    public func faults(isNew: Bool, in store: StoreID) -> [Problem.Detail] {
        var faults = Validation.name(name, pointer: "/name")
        if let slug {
            if !Category.isValidSlug(slug) {
                faults.append(Problem.Detail(pointer: "/slug", message: "has to be \(Category.slugRule)"))
            }
        } else if isNew {
            faults.append(Problem.Detail(pointer: "/slug", message: "is missing"))
        }
        if let parentId, CategoryID(parentId)?.store != store {
            faults.append(Self.unknownParent)
        }
        return faults
    }

    static let unknownParent = Problem.Detail(pointer: "/parentId", message: "is no category of this store")

    /// Only after ``faults(isNew:in:)`` found none.
    var parent: CategoryID? { parentId.flatMap { CategoryID($0) } }
}
