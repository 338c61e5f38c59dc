import Hummingbird
import NIOCore

/// Liveness, readiness and metrics; the older paths answer the same.
struct HealthRoutes: Sendable {
    let health: HealthStore
    let registry: MetricsRegistry

    /// Says that the process turns; nothing else, since restarting it repairs no dependency.
    @Sendable func live(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        Self.json(ByteBuffer(string: #"{"status":"ok"}"#))
    }

    @Sendable func ready(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let readiness = health.readiness
        return Self.json(JSONWriter.buffer(readiness), status: readiness.isReady ? .ok : .serviceUnavailable)
    }

    @Sendable func metrics(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        if request.headers[.accept]?.contains("application/json") == true { return Self.json(registry.json()) }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: registry.prometheusText())))
    }

    private static func json(_ body: ByteBuffer, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: "application/json"], body: .init(byteBuffer: body))
    }
}
