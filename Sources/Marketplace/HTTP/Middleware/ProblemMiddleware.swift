import Hummingbird
import Logging
import NIOCore

/// Turns whatever is thrown into a problem: ours as it is, the framework's by its status, the rest into a 500 that
/// tells the log what happened and the caller nothing but the request's id.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = MarketplaceContext

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response(requestID: context.requestID)
        } catch let error as any HTTPResponseError where error.status == .notFound {
            return Problem(.routeNotFound, "\(request.method.rawValue.prefix(20)) \(request.uri.path.prefix(200))")
                .response(requestID: context.requestID)
        } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
            return Problem(.bodyTooLarge, "The body is larger than \(Context.maximumBodyBytes) bytes.")
                .response(requestID: context.requestID)
        } catch is CancellationError {
            return Problem(.unavailable, "The server stopped before it could answer.", retryAfter: .seconds(1))
                .response(requestID: context.requestID)
        } catch {
            context.logger.error(
                "request failed", metadata: ["requestId": "\(context.requestID)", "error": "\(error)"])
            return Problem(.internalError, "The log tells more under this request's id.")
                .response(requestID: context.requestID)
        }
    }
}
