import Hummingbird

/// `/v1/stores/{store}/orders`.
struct OrderRoutes: Sendable {
    let orders: OrderStore
    let metrics: MarketplaceMetrics

    @Sendable func create(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let store = try context.store()
        let customer = try request.customer()
        let key = try Self.idempotencyKey(of: request)
        let input = try await request.decode(OrderInput.self)
        try Validation.check(input.faults)
        try input.requireOne(store)
        let (order, isReplayed) = try await orders.place(
            input, in: store, for: customer, key: key, trace: context.trace)
        var headers: HTTPFields = [.location: "/v1/stores/\(store)/orders/\(order.id)"]
        if isReplayed {
            headers[.idempotentReplayed] = "true"
            metrics.idempotentHits.add()
        }
        return Envelope.response(Envelope.body(order), status: .created, headers: headers)
    }

    @Sendable func list(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let store = try context.store()
        let query = request.uri.queryParameters
        let after = try query["createdAfter"].map { text in
            guard let moment = Timestamp(String(text)) else {
                throw Problem(.invalidParameter, "createdAfter has to be RFC 3339, as 2026-01-31T08:00:00Z.")
            }
            return moment
        }
        let customer = request.headers[.customerID] == nil ? nil : try request.customer()
        let page = try await orders.list(
            PageRequest(request), of: store, customer: customer, after: after, trace: context.trace)
        return Envelope.response(Envelope.body(page.items, nextCursor: page.next?.description))
    }

    @Sendable func get(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let id = try context.order()
        guard let order = try await orders.find(id, trace: context.trace) else { throw Self.notFound(id) }
        return Envelope.response(Envelope.body(order))
    }

    @Sendable func cancel(_ request: Request, _ context: MarketplaceContext) async throws -> Response {
        let id = try context.order()
        guard let order = try await orders.cancel(id, trace: context.trace) else { throw Self.notFound(id) }
        return Envelope.response(Envelope.body(order))
    }

    private static func notFound(_ id: OrderID) -> Problem {
        Problem(.orderNotFound, "There is no order \(id).")
    }

    private static func idempotencyKey(of request: Request) throws -> String {
        guard let key = request.headers[.idempotencyKey], !key.isEmpty else {
            throw Problem(
                .idempotencyKeyMissing, "Send an Idempotency-Key of your own, and the same one when you try again.")
        }
        guard Request.isToken(key, maximumBytes: 128) else {
            throw Problem(
                .invalidParameter, "Idempotency-Key has to be 1 to 128 visible ASCII characters without spaces.")
        }
        return key
    }
}
