/// One client that carries its consistency token from answer to request, and what it does next: it changes a product of
/// its own, reads it again, reads another session's product, and looks at that twice without its token, as a stranger
/// would: by its address, and by a word of its name, which no cache answers. A value that decides; ``LoadSession``
/// sends.
struct SessionPlan: Sendable, Equatable {
    /// The product that this session alone changes.
    let own: Product
    /// The product that another session changes.
    let other: Product
    private let number: Int
    /// As the last answer gave it; nil before the first.
    private(set) var token: String?
    /// The latest change that was acknowledged to it.
    private(set) var acknowledged: Int64?
    private var generation = 0
    private var sheet: Sheet?
    private var turn: Int

    struct Product: Sendable, Equatable {
        var id: String
        var store: Catalogue.Store
        /// In its name once its owner has changed it, and in nobody else's; nor does another such word begin with it.
        var word: String
        var path: String { "/v1/stores/\(store.id)/products/\(id)" }
        var searchPath: String { "/v1/stores/\(store.id)/products?q=\(word)" }
    }

    /// What a change has to name: the version that it replaces, and what else belongs to the product.
    struct Sheet: Sendable, Equatable {
        var version: Int64
        var name: String
        var category: String
    }

    enum Step: Sendable, Equatable {
        case write(Sheet)
        case readOwn, readOther
        /// The other's product, without the token.
        case watch
        /// The same, among those that have its word in their name.
        case search

        /// Whether it carries the session's token; what does not is a read like everybody's.
        var isOfSession: Bool { self != .watch && self != .search }
    }

    /// How a step ended.
    struct End: Sendable, Equatable {
        var outcome: HistoryEvent.Kind
        var code: String?
        var token: String?
        /// What the answer says of the product; nil without an answer.
        var sheet: Sheet?
    }

    private static let turns = 6

    init(number: Int, own: Product, other: Product) {
        self.number = number
        self.own = own
        self.other = other
        // Apart from each other: changes that come in waves would leave whole faults without one.
        turn = number % Self.turns
    }

    /// Told apart by number and by how often its history was lost.
    var name: String { "s\(number).\(generation)" }

    /// The next thing to do. Without knowing its product's version it reads first.
    mutating func next() -> Step {
        guard let sheet else { return .readOwn }
        defer { turn = (turn + 1) % Self.turns }
        return switch turn {
        case 0: .write(sheet)
        case 2: .watch
        case 4: .search
        case 5: .readOther
        default: .readOwn
        }
    }

    mutating func ended(_ step: Step, _ end: End) {
        if end.code == Self.historyLost {
            // What it had seen is gone for everybody: nothing can be promised to it, so it begins anew.
            self = SessionPlan(number: number, own: own, other: other, generation: generation + 1)
            return
        }
        if step.isOfSession, let token = end.token { self.token = token }
        switch step {
        case .write:
            // Refused for its version, or unknown: it has to look before it changes anything again.
            sheet = end.outcome == .ok ? end.sheet : nil
            if end.outcome == .ok { acknowledged = end.sheet?.version }
        case .readOwn: if end.outcome == .ok { sheet = end.sheet ?? sheet }
        case .readOther, .watch, .search: break
        }
    }

    private init(number: Int, own: Product, other: Product, generation: Int) {
        self.init(number: number, own: own, other: other)
        self.generation = generation
    }

    /// The problem code for a token that lies past a fork: a promotion lost what it had seen.
    static let historyLost = "history_lost"

    /// Sessions over products that lie evenly over the whole catalogue, and so over all groups.
    static func all(_ count: Int, in catalogue: Catalogue) -> [SessionPlan] {
        let count = min(count, catalogue.products.count)
        func product(_ number: Int) -> Product {
            let index = (number % count) * catalogue.products.count / count
            let product = catalogue.products[index]
            return Product(
                id: product.id, store: catalogue.stores[product.store], word: "session\(number % count)x")
        }
        return (0..<count).map { SessionPlan(number: $0, own: product($0), other: product($0 + 1)) }
    }
}
