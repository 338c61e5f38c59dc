import Hummingbird

/// `/v1/stores/{store}/products`.
struct ProductRoutes: Sendable {
    let products: ProductStore

    @Sendable func list(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let store = try context.store()
        let (filter, page) = (try ProductFilter(request, in: store), try PageRequest(request))
        guard let body = try await products.answer(filter, page, of: store, trace: context.trace) else {
            throw Problem(.storeNotFound, "There is no store \(store).")
        }
        return Envelope.response(body)
    }

    @Sendable func get(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let id = try context.product()
        guard let entry = try await products.answer(id, trace: context.trace) else {
            throw Problem(.productNotFound, "There is no product \(id).")
        }
        return Envelope.response(entry.body, headers: [.eTag: "\"\(entry.tag)\""])
    }

    @Sendable func create(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let store = try context.store()
        let input = try await request.decode(ProductInput.self)
        try Validation.check(input.faults(isNew: true, in: store))
        let product = try await products.create(input, in: store, trace: context.trace)
        return Envelope.response(
            Envelope.body(product), status: .created, version: product.version,
            headers: [.location: "/v1/stores/\(store)/products/\(product.id)"])
    }

    @Sendable func update(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let id = try context.product()
        let precondition = try Precondition(request)
        let input = try await request.decode(ProductInput.self)
        try Validation.check(input.faults(isNew: false, in: id.store))
        let product = try await products.update(id, input, if: precondition, trace: context.trace)
        return Envelope.response(Envelope.body(product), version: product.version)
    }

    @Sendable func delete(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        try await products.delete(try context.product(), if: try Precondition(request), trace: context.trace)
        return Response(status: .noContent)
    }
}
