/// Reads of what counts for the books: the stock of what the workload sells, and the orders of the stores it orders
/// from. Made before the load and after everything is settled, and recorded in the history like any operation.
struct SettledReads {
    let catalogue: Catalogue
    let caller: ServiceCaller
    let recorder: HistoryRecorder

    /// How long one read is tried again before it counts as failed.
    static let patience = Duration.seconds(3)
    static let pageSize = 100
    /// More pages of orders than this end the read as failed.
    static let maximumPages = 200

    /// - Parameters:
    ///   - when: `initial` or `final`.
    ///   - createdAfter: orders before this time (RFC 3339) are left out.
    func run(_ when: String, createdAfter: String) async {
        let width = 8
        for start in stride(from: 0, to: catalogue.skus.count, by: width) {
            await withDiscardingTaskGroup { group in
                for index in start..<min(start + width, catalogue.skus.count) {
                    group.addTask { await stock(catalogue.skus[index], when: when, process: index - start) }
                }
            }
        }
        for (index, store) in catalogue.orderedStores.enumerated() {
            await orders(of: store, when: when, createdAfter: createdAfter, process: index)
        }
    }

    /// Numbers apart from those of the load's clients.
    private static let firstProcess = 1_000_000

    private func stock(_ sku: Catalogue.SKU, when: String, process: Int) async {
        let store = catalogue.stores[sku.store]
        let process = HistoryEvent.Process.client(Self.firstProcess + process)
        let asked: JSONValue = ["when": .string(when), "store": .string(store.id), "group": .string(store.group)]
        recorder.record(process, .invoke, "stock", key: sku.code, value: asked)
        switch await get("/v1/stores/\(store.id)/inventory/\(sku.code)") {
        case .success(let json):
            let quantity = json["data"]?["quantity"] ?? .null
            recorder.record(process, .ok, "stock", key: sku.code, value: ["quantity": quantity])
        case .failure(let reason):
            recorder.record(process, .fail, "stock", key: sku.code, value: ["code": .string(reason.description)])
        }
    }

    private func orders(of store: Catalogue.Store, when: String, createdAfter: String, process: Int) async {
        let process = HistoryEvent.Process.client(Self.firstProcess + process)
        let asked: JSONValue = ["when": .string(when), "store": .string(store.id), "group": .string(store.group)]
        recorder.record(process, .invoke, "orders", key: store.id, value: asked)
        var orders: [JSONValue] = []
        var cursor = ""
        for _ in 0..<Self.maximumPages {
            let path = "/v1/stores/\(store.id)/orders?limit=\(Self.pageSize)&createdAfter=\(createdAfter)\(cursor)"
            switch await get(path) {
            case .success(let json):
                orders += (json["data"]?.array ?? []).map(Self.essentials)
                guard let next = json["meta"]?["nextCursor"]?.string else {
                    recorder.record(process, .ok, "orders", key: store.id, value: ["orders": .array(orders)])
                    return
                }
                cursor = "&cursor=\(next)"
            case .failure(let reason):
                let value: JSONValue = ["code": .string(reason.description)]
                recorder.record(process, .fail, "orders", key: store.id, value: value)
                return
            }
        }
        let value: JSONValue = ["code": .string("more than \(Self.maximumPages) pages")]
        recorder.record(process, .fail, "orders", key: store.id, value: value)
    }

    /// What the checkers need of a listed order.
    private static func essentials(_ order: JSONValue) -> JSONValue {
        .members([
            "id": order["id"], "idempotencyKey": order["idempotencyKey"], "totalMinor": order["totalMinor"],
            "items": order["items"],
        ])
    }

    private func get(_ path: String) async -> Result<JSONValue, CatalogueReader.Failure> {
        let end = recorder.clock.now() + Self.patience.nanoseconds
        var server = 0
        while true {
            let result = await caller.call(ServiceCaller.Request(.GET, path), server: server, timeout: .seconds(1))
            if case .reply(let reply) = result, reply.status == 200, let json = reply.json { return .success(json) }
            server += 1
            guard recorder.clock.now() < end, (try? await recorder.clock.pause(.milliseconds(100))) != nil else {
                return .failure(CatalogueReader.Failure(description: "\(path): \(Self.words(result))"))
            }
        }
    }

    private static func words(_ result: ServiceCaller.Result) -> String {
        switch result {
        case .reply(let reply): "status \(reply.status)"
        case .notSent(let reason), .unanswered(let reason): reason
        }
    }
}
