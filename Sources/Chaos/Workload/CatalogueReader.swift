/// Learns from the marketplace itself what it sells and where its stores live, by the same interface as any client.
public struct CatalogueReader: Sendable {
    let caller: ServiceCaller
    let groups: [PostgresGroup]
    let clock: RunClock

    /// A marketplace that has just come up, or recovers, may turn somebody away for about as long as a breaker is open.
    static let attempts = 15
    static let pause = Duration.milliseconds(300)
    /// Bounds on what is learnt; the workload needs a spread, not everything.
    static let maximumStores = 500
    static let maximumProducts = 30_000
    static let pageSize = 100
    static let pagesPerStore = 4
    /// Stores of each group that are ordered from, and SKUs of each of these.
    static let orderedStoresPerGroup = 4
    static let skusPerStore = 8
    static let maximumWords = 20

    /// Makes a reader; groups tell where a store's data lives.
    public init(caller: ServiceCaller, groups: [PostgresGroup], clock: RunClock) {
        self.caller = caller
        self.groups = groups
        self.clock = clock
    }

    /// Why the workload cannot start.
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    /// - Throws: ``Failure`` when the marketplace does not answer, is empty, or does not say which node serves a store.
    public func learn() async throws -> Catalogue {
        let ids = try await storeIDs()
        guard !ids.isEmpty else {
            throw Failure(description: "the marketplace has no stores; seed it first (`marketplace seed`)")
        }
        var surveys: [StoreSurvey] = []
        let width = 8
        for start in stride(from: 0, to: ids.count, by: width) {
            let batch = Array(ids[start..<min(start + width, ids.count)])
            surveys += try await withThrowingTaskGroup(of: StoreSurvey.self) { group in
                for (offset, id) in batch.enumerated() {
                    group.addTask { try await survey(id, server: start + offset) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        let order = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
        return try catalogue(of: surveys.sorted { (order[$0.id] ?? 0) < (order[$1.id] ?? 0) })
    }

    struct StoreSurvey: Sendable {
        var id: String
        var group: String
        var products: [String]
        var skus: [(code: String, quantity: Int64)]
        /// Of the name of one of its products.
        var word: String?
    }

    private func catalogue(of surveys: [StoreSurvey]) throws(Failure) -> Catalogue {
        var catalogue = Catalogue(
            stores: surveys.map { Catalogue.Store(id: $0.id, group: $0.group) }, products: [], skus: [])
        var ordered: [String: Int] = [:]
        for (index, survey) in surveys.enumerated() {
            let room = Self.maximumProducts - catalogue.products.count
            catalogue.products += survey.products.prefix(room).map { Catalogue.Product(id: $0, store: index) }
            let stocked = survey.skus.sorted { ($1.quantity, $0.code) < ($0.quantity, $1.code) }
                .prefix(Self.skusPerStore).filter { $0.quantity > 0 }
            guard !stocked.isEmpty, ordered[survey.group, default: 0] < Self.orderedStoresPerGroup else { continue }
            ordered[survey.group, default: 0] += 1
            catalogue.skus += stocked.map { Catalogue.SKU(code: $0.code, store: index, quantity: $0.quantity) }
        }
        var words: Set<String> = []
        catalogue.words = surveys.compactMap(\.word).filter { words.insert($0).inserted }.prefix(Self.maximumWords)
            .map(\.self)
        guard !catalogue.skus.isEmpty else {
            throw Failure(description: "no store has a product in stock; seed the marketplace again")
        }
        return catalogue
    }

    private func storeIDs() async throws -> [String] {
        var ids: [String] = []
        var cursor: String?
        repeat {
            let (page, _) = try await get("/v1/stores?limit=\(Self.pageSize)" + Self.after(cursor), server: 0)
            let new = (page["data"]?.array ?? []).compactMap { $0["id"]?.string }
            ids += new
            cursor = new.isEmpty ? nil : page["meta"]?["nextCursor"]?.string
        } while cursor != nil && ids.count < Self.maximumStores
        return Array(ids.prefix(Self.maximumStores))
    }

    private func survey(_ store: String, server: Int) async throws -> StoreSurvey {
        var survey = StoreSurvey(id: store, group: "", products: [], skus: [])
        var cursor: String?
        for _ in 0..<Self.pagesPerStore {
            let path = "/v1/stores/\(store)/products?limit=\(Self.pageSize)" + Self.after(cursor)
            let (page, _) = try await get(path, server: server)
            for product in page["data"]?.array ?? [] {
                guard let id = product["id"]?.string else { continue }
                survey.products.append(id)
                survey.word = survey.word ?? product["name"]?.string.flatMap(Self.word)
                for sku in product["skus"]?.array ?? [] {
                    if let code = sku["sku"]?.string { survey.skus.append((code, sku["quantity"]?.int ?? 0)) }
                }
            }
            cursor = page["meta"]?["nextCursor"]?.string
            if cursor == nil { break }
        }
        survey.group = try await group(of: survey, server: server)
        return survey
    }

    /// The group whose primary answers for the store's stock, which is never cached.
    private func group(of survey: StoreSurvey, server: Int) async throws -> String {
        guard let sku = survey.skus.first?.code else { return groups.first?.name ?? "" }
        let (_, node) = try await get("/v1/stores/\(survey.id)/inventory/\(sku)", server: server)
        guard let node, let group = groups.first(where: { $0.nodes.contains(node) }) else {
            throw Failure(
                description: "the stock of store \(survey.id) was served by \(node ?? "an unnamed node"), which is no "
                    + "Postgres node of the topology; SERVER_TIMING must be on and the names must agree")
        }
        return group.name
    }

    private func get(_ path: String, server: Int) async throws -> (json: JSONValue, node: String?) {
        var last = ""
        for attempt in 0..<Self.attempts {
            if attempt > 0 { try await clock.pause(Self.pause) }
            switch await caller.call(ServiceCaller.Request(.GET, path), server: server + attempt, timeout: .seconds(2))
            {
            case .reply(let reply):
                if reply.status == 200, let json = reply.json { return (json, reply.servedBy.node) }
                last = "status \(reply.status) \(reply.json?["detail"]?.string ?? "")"
            case .notSent(let reason), .unanswered(let reason): last = reason
            }
        }
        throw Failure(description: "GET \(path) failed \(Self.attempts) times: \(last)")
    }

    /// The longest word of plain letters, which stands in a query as it is.
    private static func word(in name: String) -> String? {
        name.split(separator: " ").filter { $0.count > 2 && $0.allSatisfy { $0.isASCII && $0.isLetter } }
            .max { $0.count < $1.count }.map { $0.lowercased() }
    }

    private static func after(_ cursor: String?) -> String { cursor.map { "&cursor=\($0)" } ?? "" }
}
