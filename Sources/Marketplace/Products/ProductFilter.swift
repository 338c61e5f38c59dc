import Hummingbird

/// Which of a store's products are asked for: `?category=&q=`.
public struct ProductFilter: Sendable, Hashable {
    /// Only products of it; nil for all.
    public let category: String?
    /// Beginnings of words that all have to stand in the name, in lower case; empty for any name.
    public let words: [String]

    /// Makes a filter; everything unless narrowed.
    public init(category: String? = nil, words: [String] = []) {
        self.category = category
        self.words = words
    }

    private static let maximumWords = 8

    /// - Throws: ``Problem`` `invalid_parameter`.
    init(_ request: Request) throws {
        let query = request.uri.queryParameters
        category = try query["category"].map { text in
            let text = String(text)
            guard Self.isValidCategory(text) else {
                throw Problem(.invalidParameter, "category is '\(text.prefix(80))', which no category can be.")
            }
            return text
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

    static func isValidCategory(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.first != "-"
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    /// As a tsquery: every word may go on.
    var searchExpression: String? {
        words.isEmpty ? nil : words.map { $0 + ":*" }.joined(separator: " & ")
    }

    /// Searches are too many different ones to be worth keeping.
    var isCacheable: Bool { words.isEmpty }
}
