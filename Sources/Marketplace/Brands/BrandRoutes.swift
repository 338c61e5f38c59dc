import Hummingbird

/// `/v1/stores/{store}/brands`.
struct BrandRoutes: Sendable {
    let brands: BrandStore

    @Sendable func list(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let store = try context.store()
        guard let page = try await brands.list(PageRequest(request), of: store, trace: context.trace) else {
            throw Problem(.storeNotFound, "There is no store \(store).")
        }
        return Envelope.response(Envelope.body(page.items, nextCursor: page.next?.description))
    }

    @Sendable func get(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let id = try context.brand()
        guard let entry = try await brands.answer(id, trace: context.trace) else {
            throw Problem(.brandNotFound, "There is no brand \(id).")
        }
        return Envelope.response(entry.body, headers: [.eTag: "\"\(entry.tag)\""])
    }

    @Sendable func create(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let store = try context.store()
        let input = try await request.decode(BrandInput.self)
        try Validation.check(input.faults)
        let brand = try await brands.create(input, in: store, trace: context.trace)
        return Envelope.response(
            Envelope.body(brand), status: .created, version: brand.version,
            headers: [.location: "/v1/stores/\(store)/brands/\(brand.id)"])
    }

    @Sendable func update(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let id = try context.brand()
        let precondition = try Precondition(request)
        let input = try await request.decode(BrandInput.self)
        try Validation.check(input.faults)
        let brand = try await brands.update(id, input, if: precondition, trace: context.trace)
        return Envelope.response(Envelope.body(brand), version: brand.version)
    }

    @Sendable func delete(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        try await brands.delete(try context.brand(), if: try Precondition(request), trace: context.trace)
        return Response(status: .noContent)
    }
}
