import Hummingbird

/// Which part of a list is asked for: `?limit=&cursor=`.
public struct PageRequest: Sendable, Hashable {
    /// Items of a page when the client does not say.
    public static let defaultLimit = 20
    /// Items of a page at most.
    public static let maximumLimit = 100

    /// Items wanted, 1 to ``maximumLimit``.
    public let limit: Int
    /// The last item of the page before; nil for the first page.
    public let cursor: Cursor?

    /// Makes a request for a page.
    public init(limit: Int = defaultLimit, cursor: Cursor? = nil) {
        self.limit = limit
        self.cursor = cursor
    }

    /// Reads the query of a request.
    /// - Throws: ``Problem`` `invalid_parameter`.
    init(_ request: Request) throws {
        let query = request.uri.queryParameters
        limit = try Self.limit(of: request)
        cursor = try query["cursor"].map { text in
            guard let cursor = Cursor(String(text)) else { throw Self.strangeCursor }
            return cursor
        }
    }

    static let strangeCursor = Problem(
        .invalidParameter, "The cursor is not one of ours: use meta.nextCursor of the page before.")

    static func limit(of request: Request) throws -> Int {
        guard let text = request.uri.queryParameters["limit"].map({ String($0) }) else { return defaultLimit }
        guard let limit = Int(text), (1...maximumLimit).contains(limit) else {
            throw Problem(
                .invalidParameter,
                "limit is '\(text.prefix(20))': use a whole number from 1 to \(maximumLimit).")
        }
        return limit
    }
}

/// Where a page ended: the number of its last item. Opaque to clients.
public struct Cursor: Sendable, Hashable, LosslessStringConvertible {
    /// The last item's.
    public let number: Int64

    /// Points behind the item with this number.
    public init(number: Int64) {
        self.number = number
    }

    /// Reads a cursor that was handed out; nil when it is none of ours.
    public init?(_ text: String) {
        guard let numbers = Base32.numbers(text, prefix: "c", count: 1) else { return nil }
        number = numbers[0]
    }

    public var description: String { Base32.text(prefix: "c", numbers: [number]) }
}

/// One page of a list.
public struct Page<Item: Sendable>: Sendable {
    /// At most as many as asked for.
    public let items: [Item]
    /// Where the next page begins; nil when this is the last.
    public let next: Cursor?

    /// Cuts a page from rows that were fetched with one more than the limit, to know whether more follow.
    init(_ fetched: [Item], limit: Int, number: (Item) -> Int64) {
        let items = fetched.count > limit ? Array(fetched.prefix(limit)) : fetched
        self.items = items
        next = fetched.count > limit ? items.last.map { Cursor(number: number($0)) } : nil
    }
}
