import Hummingbird

/// `/v1/stores`.
struct StoreRoutes: Sendable {
    let stores: StoreStore

    @Sendable func list(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let page = try await stores.list(ScatterRequest(request), trace: context.trace)
        return Envelope.response(
            Envelope.body(page.items, nextCursor: page.next?.description, missingShards: page.missing))
    }

    @Sendable func get(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let id = try context.store()
        guard let store = try await stores.find(id, trace: context.trace) else {
            throw Problem(.storeNotFound, "There is no store \(id).")
        }
        return Envelope.response(Envelope.body(store), version: store.version)
    }

    @Sendable func create(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let input = try await request.decode(StoreInput.self)
        try Validation.check(input.faults)
        let store = try await stores.create(input, trace: context.trace)
        return Envelope.response(
            Envelope.body(store), status: .created, version: store.version,
            headers: [.location: "/v1/stores/\(store.id)"])
    }

    @Sendable func update(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let id = try context.store()
        let precondition = try Precondition(request)
        let input = try await request.decode(StoreInput.self)
        try Validation.check(input.faults)
        let store = try await stores.update(id, input, if: precondition, trace: context.trace)
        return Envelope.response(Envelope.body(store), version: store.version)
    }

    @Sendable func delete(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        try await stores.delete(try context.store(), if: try Precondition(request), trace: context.trace)
        return Response(status: .noContent)
    }
}
