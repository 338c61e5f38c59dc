import Hummingbird

/// Takes the session from `Consistency-Token` and hands it back: after every write, and with whatever answers somebody
/// who carries one.
struct ConsistencyMiddleware: RouterMiddleware {
    typealias Context = MarketplaceContext
    /// Whether tokens are heeded; off, they are handed out all the same.
    let isHeeded: Bool
    /// Of the shard map that this server goes by now.
    let mapVersion: @Sendable () -> Int

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var token: ConsistencyToken?
        if let text = request.headers[.consistencyToken] {
            token = ConsistencyToken(text)
            guard token != nil else { return malformed.response(requestID: context.requestID) }
        }
        context.trace.begin(token, isHeeded: isHeeded, mapVersion: mapVersion())
        var response = try await next(request, context)
        if let token = context.trace.token { response.headers[.consistencyToken] = token.description }
        return response
    }

    private var malformed: Problem {
        Problem(
            .invalidParameter,
            "Consistency-Token is not one that a server gave out (at most \(ConsistencyToken.maximumBytes) bytes, as "
                + "'1;shard-0=1:16B374D8'). Send it back as it came, or none to begin a new session.")
    }
}
