import Hummingbird

/// Gives each request an id, the caller's own where it is fit to be logged, and sends it back.
struct RequestIDMiddleware: RouterMiddleware {
    typealias Context = MarketplaceContext
    let ids: IDGenerator

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let id = request.headers[.requestID], Request.isToken(id, maximumBytes: 64) {
            context.requestID = id
        } else {
            context.requestID = ids.request()
        }
        var response = try await next(request, context)
        response.headers[.requestID] = context.requestID
        return response
    }
}
