import Hummingbird

/// While the server drains, tells each client to open its next connection elsewhere.
struct DrainMiddleware: RouterMiddleware {
    typealias Context = MarketplaceContext
    let drain: Drain

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        if drain.isDraining { response.headers[.connection] = "close" }
        return response
    }
}
