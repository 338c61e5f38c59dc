import Hummingbird

/// Sees that a request is answered by a map that is new enough: one exists, and it is no older than what the request's
/// session has met.
struct ShardMapMiddleware: RouterMiddleware {
    let watch: MapWatch

    func handle(
        _ request: Request, context: MarketplaceContext,
        next: (Request, MarketplaceContext) async throws -> Response
    ) async throws -> Response {
        if let version = context.trace.metMapVersion, version > watch.router.map.version {
            await watch.refresh(
                atLeast: version, deadline: watch.environment.now() + watch.settings.readDeadline)
        }
        if watch.router.origin == .none, request.uri.path.hasPrefix("/v1/") {
            throw Problem(
                .unavailable, "This server does not know yet which shard holds what. Nothing was done.",
                retryAfter: .seconds(1))
        }
        return try await next(request, context)
    }
}
