import Postgres

/// What our own SQL refuses, by the codes that the migrations raise.
extension SQLState {
    /// There is less of a SKU than was ordered; the detail is the SKU.
    static let insufficientStock: SQLState = "MP001"
    /// The store does not sell the SKU; the detail is the SKU.
    static let unknownSKU: SQLState = "MP002"
    /// The idempotency key was used for another request.
    static let keyReused: SQLState = "MP003"
    /// The SKU is another product's.
    static let takenSKU: SQLState = "MP004"
    /// There is no such brand.
    static let unknownBrand: SQLState = "MP020"
    /// There is no such parent of a category.
    static let unknownParent: SQLState = "MP021"
    /// A category would be below itself.
    static let circle: SQLState = "MP022"
    /// A category would be too far below the top.
    static let tooDeep: SQLState = "MP023"
    /// Something that is to be deleted still has something that refers to it.
    static let stillInUse: SQLState = "MP024"
    /// A category's slug stays as it is.
    static let slugChanged: SQLState = "MP025"
    /// There is no such store, or it was deleted a moment ago.
    static let unknownStore: SQLState = "MP026"
}
