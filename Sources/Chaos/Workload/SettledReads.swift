/// Reads of what counts for the books: the stock of what the workload sells, and the orders of the stores it orders
/// from. Made before the load and after everything is settled, and recorded in the history like any operation.
struct SettledReads {
    let catalogue: Catalogue
    let caller: ServiceCaller
    let recorder: HistoryRecorder

    /// How long one read is tried again before it counts as failed.
    static let patience = Duration.seconds(3)
    /// How long the books may take to come to rest: longer than a server works on an order that nobody waits for.
    static let restLimit = Duration.seconds(6)
    private static let restPause = Duration.milliseconds(100)
    static let pageSize = 100
    /// More pages of orders than this end the read as failed.
    static let maximumPages = 200

    /// Stock and orders of one moment: the stock is read before the orders and after them until nothing changed, since
    /// an order that its client gave up may still be under way (the double collect of Afek et al., "Atomic Snapshots of
    /// Shared Memory", 1993).
    /// - Parameters:
    ///   - when: `initial` or `final`.
    ///   - createdAfter: orders before this time (RFC 3339) are left out.
    func run(_ when: String, createdAfter: String) async {
        let books = catalogue.skus.indices.map { Book(stock: $0, when, in: catalogue) }
        let lists = catalogue.orderedStores.enumerated().map { Book(orders: $0.offset, of: $0.element, when) }
        for book in books + lists {
            recorder.record(book.process, .invoke, book.function, key: book.key, value: book.asked)
        }
        let end = recorder.clock.now() + Self.restLimit.nanoseconds
        while true {
            let before = await stock()
            var orders: [Answer] = []
            for store in catalogue.orderedStores {
                orders.append(await self.orders(of: store, createdAfter: createdAfter))
            }
            let isAtRest = await stock() == before
            if isAtRest || recorder.clock.now() >= end {
                for (book, answer) in zip(books, before) {
                    record(book, isAtRest ? answer : .failure("it was still changing after \(Self.restLimit)"))
                }
                for (book, answer) in zip(lists, orders) { record(book, answer) }
                return
            }
            do { try await recorder.clock.pause(Self.restPause) } catch { return }
        }
    }

    /// What one read came to, and where it stands in the history.
    private struct Book {
        var process: HistoryEvent.Process
        var function: String
        var key: String
        var asked: JSONValue

        init(stock index: Int, _ when: String, in catalogue: Catalogue) {
            let sku = catalogue.skus[index]
            self.init("stock", sku.code, of: catalogue.stores[sku.store], when, process: index)
        }

        init(orders index: Int, of store: Catalogue.Store, _ when: String) {
            self.init("orders", store.id, of: store, when, process: SettledReads.listProcess + index)
        }

        init(product session: SessionPlan, process: Int) {
            self.init(SettledReads.finalProduct, session.own.id, of: session.own.store, "final", process: process)
        }

        private init(_ function: String, _ key: String, of store: Catalogue.Store, _ when: String, process: Int) {
            self.process = .client(SettledReads.firstProcess + process)
            self.function = function
            self.key = key
            asked = ["when": .string(when), "store": .string(store.id), "group": .string(store.group)]
        }
    }

    private enum Answer: Equatable {
        case success(JSONValue)
        case failure(String)

        func map(_ transform: (JSONValue) -> JSONValue) -> Answer {
            guard case .success(let json) = self else { return self }
            return .success(transform(json))
        }
    }

    private func record(_ book: Book, _ answer: Answer) {
        switch answer {
        case .success(let value): recorder.record(book.process, .ok, book.function, key: book.key, value: value)
        case .failure(let code):
            recorder.record(book.process, .fail, book.function, key: book.key, value: ["code": .string(code)])
        }
    }

    /// What became of the products that sessions changed: read with the session's token, so that no cache's leave to be
    /// old counts, and without it where that is refused.
    func products(of sessions: [SessionPlan]) async {
        let width = 8
        for start in stride(from: 0, to: sessions.count, by: width) {
            await withDiscardingTaskGroup { group in
                for index in start..<min(start + width, sessions.count) where sessions[index].acknowledged != nil {
                    group.addTask { await product(of: sessions[index], process: index - start) }
                }
            }
        }
    }

    private func product(of session: SessionPlan, process: Int) async {
        let book = Book(product: session, process: process)
        recorder.record(book.process, .invoke, book.function, key: book.key, value: book.asked)
        var answer = await get(session.own.path, token: session.token)
        if case .failure = answer { answer = await get(session.own.path) }
        record(book, answer.map { ["version": $0["data"]?["version"] ?? .null] })
    }

    /// The operation by which a session's product is read at the end.
    static let finalProduct = "final-product"

    /// Numbers apart from those of the load's clients.
    private static let firstProcess = 1_000_000
    private static let listProcess = 100_000

    /// The stock of every SKU, in the catalogue's order.
    private func stock() async -> [Answer] {
        let width = 8
        var answers: [Answer] = []
        for start in stride(from: 0, to: catalogue.skus.count, by: width) {
            let some = start..<min(start + width, catalogue.skus.count)
            answers += await withTaskGroup(of: (Int, Answer).self) { group in
                for index in some { group.addTask { (index, await stock(catalogue.skus[index])) } }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }.sorted { $0.key < $1.key }.map(\.value)
        }
        return answers
    }

    private func stock(_ sku: Catalogue.SKU) async -> Answer {
        await get("/v1/stores/\(catalogue.stores[sku.store].id)/inventory/\(sku.code)")
            .map { ["quantity": $0["data"]?["quantity"] ?? .null] }
    }

    private func orders(of store: Catalogue.Store, createdAfter: String) async -> Answer {
        var orders: [JSONValue] = []
        var cursor = ""
        for _ in 0..<Self.maximumPages {
            let path = "/v1/stores/\(store.id)/orders?limit=\(Self.pageSize)&createdAfter=\(createdAfter)\(cursor)"
            switch await get(path) {
            case .success(let json):
                orders += (json["data"]?.array ?? []).map(Self.essentials)
                guard let next = json["meta"]?["nextCursor"]?.string else {
                    return .success(["orders": .array(orders)])
                }
                cursor = "&cursor=\(next)"
            case .failure(let reason): return .failure(reason)
            }
        }
        return .failure("more than \(Self.maximumPages) pages")
    }

    /// What the checkers need of a listed order.
    private static func essentials(_ order: JSONValue) -> JSONValue {
        .members([
            "id": order["id"], "idempotencyKey": order["idempotencyKey"], "totalMinor": order["totalMinor"],
            "items": order["items"],
        ])
    }

    private func get(_ path: String, token: String? = nil) async -> Answer {
        let end = recorder.clock.now() + Self.patience.nanoseconds
        let headers = token.map { [("consistency-token", $0)] } ?? []
        var server = 0
        while true {
            let request = ServiceCaller.Request(.GET, path, headers: headers)
            let result = await caller.call(request, server: server, timeout: .seconds(1))
            if case .reply(let reply) = result, reply.status == 200, let json = reply.json { return .success(json) }
            server += 1
            guard recorder.clock.now() < end, (try? await recorder.clock.pause(.milliseconds(100))) != nil else {
                return .failure("\(path): \(Self.words(result))")
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
