import Hummingbird

/// Counts and times each request by route, and logs one line for it with the nodes that served it.
struct ObservationMiddleware: RouterMiddleware {
    typealias Context = MarketplaceContext
    let environment: Environment
    let metrics: MarketplaceMetrics
    /// Nil: requests are not logged.
    let accessLog: AccessLog?

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = environment.now()
        metrics.requestsInFlight.add(1)
        defer { metrics.requestsInFlight.add(-1) }
        let response = try await next(request, context)
        let duration = environment.now() - start
        let route = context.endpointPath ?? "(none)"
        let method = Self.label(request.method)
        let status = response.status.code
        metrics.requests.add()
        metrics.http(route: route, method: method, status: status).add()
        metrics.httpDuration(route: route, method: method).record(duration)
        if status == 409 || status == 412 { metrics.conflicts.add() }
        if status >= 500 { metrics.errors.add() }
        accessLog?.write(
            AccessLog.Entry(
                requestID: context.requestID, method: method, path: request.uri.path, route: route, status: status,
                duration: duration, trace: context.trace.record))
        return response
    }

    /// Methods are free text on the wire: only the known ones may name a series.
    private static func label(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .patch, .delete, .options: method.rawValue
        default: "other"
        }
    }
}
