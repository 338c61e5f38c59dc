import Hummingbird

/// Tells who served an answer (Server-Timing, W3C) and whether it may be old (`Degraded`).
struct ServerTimingMiddleware: RouterMiddleware {
    typealias Context = MarketplaceContext
    let isTimingShown: Bool

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        let record = context.trace.record
        if let degraded = record.degraded { response.headers[.degraded] = degraded }
        guard isTimingShown else { return response }
        var timing = ""
        if let cache = record.cache { timing = "cache;desc=\"\(cache.rawValue)\"" }
        for call in record.databaseCalls {
            if !timing.isEmpty { timing += ", " }
            timing += "db;desc=\"\(call.node)\";dur=\((call.duration.milliseconds * 1000).rounded() / 1000)"
        }
        if !timing.isEmpty { response.headers[.serverTiming] = timing }
        return response
    }
}
