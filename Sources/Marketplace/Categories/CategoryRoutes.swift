import Hummingbird

/// `/v1/stores/{store}/categories`.
struct CategoryRoutes: Sendable {
    let categories: CategoryStore

    /// One level of the tree: the top, or what is below `?parent=`.
    @Sendable func list(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let store = try context.store()
        let parent = try request.uri.queryParameters["parent"].map { text in
            guard let id = CategoryID(String(text)), id.store == store else {
                throw Problem(.invalidParameter, "parent is '\(text.prefix(80))', no category's id of this store.")
            }
            return id
        }
        let page = try await categories.children(
            of: parent, PageRequest(request), in: store, trace: context.trace)
        return Envelope.response(Envelope.body(page.items, nextCursor: page.next?.description))
    }

    @Sendable func get(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let id = try context.category()
        guard let entry = try await categories.answer(id, trace: context.trace) else {
            throw CategoryStore.notFound(id)
        }
        return Envelope.response(entry.body, headers: [.eTag: "\"\(entry.tag)\""])
    }

    @Sendable func create(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let store = try context.store()
        let input = try await request.decode(CategoryInput.self)
        try Validation.check(input.faults(isNew: true, in: store))
        let category = try await categories.create(input, in: store, trace: context.trace)
        return Envelope.response(
            Envelope.body(category), status: .created, version: category.version,
            headers: [.location: "/v1/stores/\(store)/categories/\(category.id)"])
    }

    @Sendable func update(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let id = try context.category()
        let precondition = try Precondition(request)
        let input = try await request.decode(CategoryInput.self)
        try Validation.check(input.faults(isNew: false, in: id.store))
        let category = try await categories.update(id, input, if: precondition, trace: context.trace)
        return Envelope.response(Envelope.body(category), version: category.version)
    }

    @Sendable func delete(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        try await categories.delete(try context.category(), if: try Precondition(request), trace: context.trace)
        return Response(status: .noContent)
    }
}
