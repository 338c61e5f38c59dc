import Hummingbird

/// Which of a store's products are asked for: `?category=&brand=&q=`.
public struct ProductFilter: Sendable, Hashable {
    /// Only products of it; nil for all.
    public let category: String?
    /// Only products of it; nil for all.
    public let brand: BrandID?
    /// Beginnings of words that all have to stand in the name, in lower case; empty for any name.
    public let words: [String]

    /// Makes a filter; everything unless narrowed.
    public init(category: String? = nil, brand: BrandID? = nil, words: [String] = []) {
        self.category = category
        self.brand = brand
        self.words = words
    }

    private static let maximumWords = 8

    /// - Throws: ``Problem`` `invalid_parameter`.
    init(_ request: Request, in store: StoreID) throws {
        let query = request.uri.queryParameters
        category = try query["category"].map { text in
            let text = String(text)
            guard Category.isValidSlug(text) else {
                throw Problem(.invalidParameter, "category is '\(text.prefix(80))', which no category can be.")
            }
            return text
        }
        brand = try query["brand"].map { text in
            guard let id = BrandID(String(text)), id.store == store else {
                throw Problem(.invalidParameter, "brand is '\(text.prefix(80))', no brand's id of this store.")
            }
            return id
        }
        words = try query["q"].map { try Self.words(in: String($0)) } ?? []
    }

    static func words(in text: String) throws -> [String] {
        let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        guard (1...maximumWords).contains(words.count), text.utf8.count <= 200 else {
            throw Problem(.invalidParameter, "q has to hold 1 to \(maximumWords) words in at most 200 bytes.")
        }
        return words
    }

    /// As a tsquery: every word may go on.
    var searchExpression: String? {
        words.isEmpty ? nil : words.map { $0 + ":*" }.joined(separator: " & ")
    }

    /// The same for the same filter, of those worth keeping.
    var cacheKey: String { "\(category ?? ""):\(brand?.description ?? "")" }

    /// Searches are too many different ones to be worth keeping.
    var isCacheable: Bool { words.isEmpty }
}
