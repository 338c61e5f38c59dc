import Hummingbird

/// `GET /v1/search?q=`.
struct SearchRoutes: Sendable {
    let search: SearchStore

    @Sendable func search(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        guard let text = request.uri.queryParameters["q"] else {
            throw Problem(.invalidParameter, "q is missing: say what to look for, as ?q=blue+mug.")
        }
        let filter = ProductFilter(words: try ProductFilter.words(in: String(text)))
        let page = try await search.products(
            filter.searchExpression ?? "", try ScatterRequest(request), trace: context.trace)
        return Envelope.response(
            Envelope.body(page.items, nextCursor: page.next?.description, missingShards: page.missing))
    }
}
