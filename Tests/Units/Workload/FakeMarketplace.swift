import Hummingbird
import Logging
import NIOCore
import Synchronization

@testable import Chaos

/// A marketplace in memory, with the interface that the workload uses and switches for misbehaviour.
final class FakeMarketplace: Sendable {
    struct Behaviour: Sendable {
        /// One order per key, as it should be.
        var isIdempotent = true
        /// Store a's database: reads go to its second replica, orders are refused, breakers are open.
        var isBroken = false
        var isReady = true
        /// Orders are taken and their first answer never comes within the client's patience.
        var swallowsFirstAnswer = false
        /// Orders that are still under way when the books are read: each takes effect just before a list of orders.
        var lateOrders = 0
    }

    struct Order: Sendable {
        var id: String
        var key: String
        var store: String
        var sku: String
        var quantity: Int64
    }

    private struct State {
        var behaviour = Behaviour()
        var orders: [Order] = []
        var seenKeys: Set<String> = []
        var calls = 0
        var taken: [String: Int64] = [:]
    }

    private let state = Mutex(State())
    private static let stock: Int64 = 100_000

    var behaviour: Behaviour {
        get { state.withLock { $0.behaviour } }
        set { state.withLock { $0.behaviour = newValue } }
    }

    var orders: [Order] { state.withLock { $0.orders } }

    /// Serves on a port of its own while `body` runs.
    func serve<T: Sendable>(_ body: @Sendable @escaping (HostPort) async throws -> T) async throws -> T {
        let ports = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "fake")
        logger.logLevel = .error
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { ports.continuation.yield($0.localAddress?.port ?? 0) }, logger: logger)
        // It serves until the process ends: a Hummingbird 2.28 server that stops while it accepts a connection ends the
        // process with it (NIOAsyncWriter's check in deinit), and with it every other test.
        Task { try await application.runService(gracefulShutdownSignals: []) }
        for await port in ports.stream { return try await body(HostPort(host: "127.0.0.1", port: port)) }
        throw CancellationError()
    }

    private var router: Router<BasicRequestContext> {
        let router = Router()
        router.get("/health/ready") { [self] _, _ in
            let behaviour = behaviour
            return Self.json(
                [
                    "ready": .bool(behaviour.isReady),
                    "breakers": ["shard-0-primary": behaviour.isBroken ? "open" : "closed"],
                ], status: behaviour.isReady ? .ok : .serviceUnavailable)
        }
        router.get("/metrics") { [self] _, _ in
            let calls = state.withLock { $0.calls }
            let name = "marketplace_dependency_calls_total{dependency=\"shard-0-primary\",outcome=\"ok\"}"
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "\(name) \(calls)\n")))
        }
        router.get("/v1/stores") { _, _ in
            Self.json(["data": [["id": "a"], ["id": "b"]], "meta": ["nextCursor": .null]])
        }
        router.get("/v1/stores/:store/products") { [self] _, context in
            let store = try context.parameters.require("store")
            return Self.json(
                ["data": [product(of: store)], "meta": [:]], node: node(of: store, isWrite: false))
        }
        router.get("/v1/stores/:store/products/:product") { [self] _, context in
            let store = try context.parameters.require("store")
            return Self.json(["data": product(of: store)], node: node(of: store, isWrite: false))
        }
        router.get("/v1/stores/:store/inventory/:sku") { [self] _, context in
            let store = try context.parameters.require("store")
            let taken = state.withLock { $0.taken[store] ?? 0 }
            return Self.json(
                ["data": ["quantity": .int(Self.stock - taken)]], node: node(of: store, isWrite: true))
        }
        router.get("/v1/stores/:store/orders") { [self] _, context in
            let store = try context.parameters.require("store")
            placeLate(in: store)
            return Self.json(["data": .array(orders.filter { $0.store == store }.map(Self.json)), "meta": [:]])
        }
        router.post("/v1/stores/:store/orders") { [self] request, context in
            try await place(request, in: context.parameters.require("store"))
        }
        return router
    }

    private func placeLate(in store: String) {
        state.withLock { state in
            guard state.behaviour.lateOrders > 0 else { return }
            state.behaviour.lateOrders -= 1
            let id = "late-\(state.orders.count)"
            state.orders.append(Order(id: id, key: id, store: store, sku: "sku-\(store)", quantity: 1))
            state.taken[store, default: 0] += 1
        }
    }

    private func place(_ request: Request, in store: String) async throws -> Response {
        let body = try await request.body.collect(upTo: 4_096)
        let item = try JSONParser.parse(body.readableBytesView)["items"]?[0]
        let key = request.headers[.init("idempotency-key")!] ?? ""
        let (order, isReplay, isSwallowed) = state.withLock { state -> (Order?, Bool, Bool) in
            state.calls += 1
            if state.behaviour.isBroken, store == "a" { return (nil, false, false) }
            if state.behaviour.isIdempotent, let known = state.orders.first(where: { $0.key == key }) {
                return (known, true, false)
            }
            let order = Order(
                id: "o-\(state.orders.count)", key: key, store: store, sku: item?["sku"]?.string ?? "",
                quantity: item?["quantity"]?.int ?? 0)
            state.orders.append(order)
            state.taken[store, default: 0] += order.quantity
            return (order, false, state.behaviour.swallowsFirstAnswer && state.seenKeys.insert(key).inserted)
        }
        guard let order else {
            var response = Self.json(["code": "unavailable"], status: .serviceUnavailable)
            response.headers[.retryAfter] = "1"
            return response
        }
        if isSwallowed { return Self.json(["code": "outcome_unknown"], status: .gatewayTimeout) }
        var response = Self.json(
            ["data": Self.json(order)], status: .created, node: node(of: store, isWrite: true))
        if isReplay { response.headers[.init("idempotent-replayed")!] = "true" }
        return response
    }

    private func node(of store: String, isWrite: Bool) -> String {
        "shard-\(store == "a" ? 0 : 1)-\(isWrite ? "primary" : "replica-1")"
    }

    private func product(of store: String) -> JSONValue {
        ["id": .string("p-\(store)"), "skus": [["sku": .string("sku-\(store)"), "quantity": .int(Self.stock)]]]
    }

    private static func json(_ order: Order) -> JSONValue {
        [
            "id": .string(order.id), "idempotencyKey": .string(order.key), "totalMinor": .int(order.quantity * 5),
            "items": [["sku": .string(order.sku), "quantity": .int(order.quantity), "unitPriceMinor": 5]],
        ]
    }

    private static func json(
        _ value: JSONValue, status: HTTPResponse.Status = .ok, node: String? = nil
    ) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let node { headers[.init("server-timing")!] = "cache;desc=\"miss\", db;desc=\"\(node)\";dur=0.4" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: value.text)))
    }
}
