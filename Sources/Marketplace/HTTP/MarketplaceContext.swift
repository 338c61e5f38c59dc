import Foundation
import Hummingbird
import Logging

/// What travels with one request.
public struct MarketplaceContext: RequestContext {
    /// What the framework keeps per request.
    public var coreContext: CoreRequestContextStorage
    /// The caller's `X-Request-Id`, or one of ours.
    public var requestID: String
    /// What this request met on its way.
    public let trace: RequestTrace

    /// Makes the context of a new request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        requestID = ""
        trace = RequestTrace()
    }

    /// The largest body that is read, in bytes.
    public static let maximumBodyBytes = 256 * 1024
    /// No body may be larger, in bytes.
    public var maxUploadSize: Int { Self.maximumBodyBytes }
}

extension MarketplaceContext {
    /// The store named in the path.
    /// - Throws: ``Problem`` `store_not_found` when the text is no store's id.
    func store() throws -> StoreID {
        let text = parameters.get("store") ?? ""
        guard let id = StoreID(text) else {
            throw Problem(.storeNotFound, "'\(text.prefix(80))' is no store's id. GET /v1/stores lists them.")
        }
        return id
    }

    /// The product named in the path, which has to carry the path's store.
    /// - Throws: ``Problem`` `product_not_found`.
    func product() throws -> ProductID {
        let text = parameters.get("product") ?? ""
        guard let id = ProductID(text), id.store == (try store()) else {
            throw Problem(.productNotFound, "'\(text.prefix(80))' is no product's id in this store.")
        }
        return id
    }

    /// The brand named in the path, which has to carry the path's store.
    /// - Throws: ``Problem`` `brand_not_found`.
    func brand() throws -> BrandID {
        let text = parameters.get("brand") ?? ""
        guard let id = BrandID(text), id.store == (try store()) else {
            throw Problem(.brandNotFound, "'\(text.prefix(80))' is no brand's id in this store.")
        }
        return id
    }

    /// The category named in the path, which has to carry the path's store.
    /// - Throws: ``Problem`` `category_not_found`.
    func category() throws -> CategoryID {
        let text = parameters.get("category") ?? ""
        guard let id = CategoryID(text), id.store == (try store()) else {
            throw Problem(.categoryNotFound, "'\(text.prefix(80))' is no category's id in this store.")
        }
        return id
    }

    /// The order named in the path, which has to carry the path's store.
    /// - Throws: ``Problem`` `order_not_found`.
    func order() throws -> OrderID {
        let text = parameters.get("order") ?? ""
        guard let id = OrderID(text), id.store == (try store()) else {
            throw Problem(.orderNotFound, "'\(text.prefix(80))' is no order's id in this store.")
        }
        return id
    }

    /// The SKU named in the path.
    /// - Throws: ``Problem`` `sku_not_found` when no SKU can have this name.
    func sku() throws -> String {
        let text = parameters.get("sku").flatMap { $0.removingPercentEncoding } ?? ""
        guard SKU.isValidCode(text) else {
            throw Problem(.skuNotFound, "'\(text.prefix(80))' is no SKU: \(SKU.codeRule).")
        }
        return text
    }
}
