import HTTPTypes

/// Every way in which the API says no; clients act on the code, people read the title.
public enum ProblemCode: String, Sendable, CaseIterable {
    case malformedBody = "malformed_body"
    case invalidParameter = "invalid_parameter"
    case customerMissing = "customer_missing"
    case idempotencyKeyMissing = "idempotency_key_missing"
    case storeNotFound = "store_not_found"
    case productNotFound = "product_not_found"
    case brandNotFound = "brand_not_found"
    case categoryNotFound = "category_not_found"
    case skuNotFound = "sku_not_found"
    case orderNotFound = "order_not_found"
    case routeNotFound = "route_not_found"
    case alreadyExists = "already_exists"
    case storeNotEmpty = "store_not_empty"
    case stillInUse = "still_in_use"
    case insufficientStock = "insufficient_stock"
    case idempotencyKeyReused = "idempotency_key_reused"
    case versionConflict = "version_conflict"
    case preconditionFailed = "precondition_failed"
    case bodyTooLarge = "body_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case validationFailed = "validation_failed"
    case preconditionRequired = "precondition_required"
    case internalError = "internal_error"
    case unavailable = "dependency_unavailable"
    case overloaded = "overloaded"
    case storeMoving = "store_moving"
    case crossShardWrite = "cross_shard_write"
    case consistencyUnavailable = "consistency_unavailable"
    case historyLost = "history_lost"
    case outcomeUnknown = "outcome_unknown"

    /// The HTTP status that goes with it.
    public var status: HTTPResponse.Status {
        switch self {
        case .malformedBody, .invalidParameter, .customerMissing, .idempotencyKeyMissing: .badRequest
        case .storeNotFound, .productNotFound, .brandNotFound, .categoryNotFound, .skuNotFound, .orderNotFound,
            .routeNotFound:
            .notFound
        case .alreadyExists, .storeNotEmpty, .stillInUse, .insufficientStock, .idempotencyKeyReused,
            .versionConflict:
            .conflict
        case .preconditionFailed: .preconditionFailed
        case .bodyTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .validationFailed, .crossShardWrite: .unprocessableContent
        case .preconditionRequired: .preconditionRequired
        case .internalError: .internalServerError
        case .unavailable, .overloaded, .storeMoving, .consistencyUnavailable: .serviceUnavailable
        case .historyLost: .gone
        case .outcomeUnknown: .gatewayTimeout
        }
    }

    /// A short sentence that is the same for every problem of this code (RFC 9457, section 3.1.3).
    public var title: String {
        switch self {
        case .malformedBody: "The body is not the JSON that this endpoint reads"
        case .invalidParameter: "A parameter of the path, the query or a header is not valid"
        case .customerMissing: "The customer is not named"
        case .idempotencyKeyMissing: "The Idempotency-Key is missing"
        case .storeNotFound: "There is no such store"
        case .productNotFound: "There is no such product in this store"
        case .brandNotFound: "There is no such brand in this store"
        case .categoryNotFound: "There is no such category in this store"
        case .skuNotFound: "There is no such SKU in this store"
        case .orderNotFound: "There is no such order in this store"
        case .routeNotFound: "There is nothing at this path for this method"
        case .alreadyExists: "Something with this name exists already"
        case .storeNotEmpty: "The store still has products"
        case .stillInUse: "Something still refers to it"
        case .insufficientStock: "There is not enough stock"
        case .idempotencyKeyReused: "The Idempotency-Key was used for another request"
        case .versionConflict: "It was changed by someone else"
        case .preconditionFailed: "It was changed since the version named in If-Match"
        case .bodyTooLarge: "The body is too large"
        case .unsupportedMediaType: "The body has to be application/json"
        case .validationFailed: "The request is well-formed but not valid"
        case .preconditionRequired: "If-Match is required"
        case .internalError: "Something went wrong here"
        case .unavailable: "A dependency does not answer; nothing was done"
        case .overloaded: "Too much is waiting already; nothing was done"
        case .storeMoving: "The store is moving to another shard; nothing was done"
        case .crossShardWrite: "One request writes to one store"
        case .consistencyUnavailable: "No node that answers has seen what this session has"
        case .historyLost: "A part of what this session has seen was lost when a replica was promoted"
        case .outcomeUnknown: "It was tried, and no answer came"
        }
    }
}
