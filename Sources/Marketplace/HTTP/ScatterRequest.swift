import Hummingbird

/// Which part of a list over all shards is asked for: `?limit=&cursor=`.
struct ScatterRequest: Sendable {
    let limit: Int
    let cursor: ScatterCursor

    init(limit: Int = PageRequest.defaultLimit, cursor: ScatterCursor = ScatterCursor()) {
        self.limit = limit
        self.cursor = cursor
    }

    /// - Throws: ``Problem`` `invalid_parameter`.
    init(_ request: Request) throws {
        let query = request.uri.queryParameters
        limit = try PageRequest.limit(of: request)
        cursor =
            try query["cursor"].map { text in
                guard let cursor = ScatterCursor(String(text)) else { throw PageRequest.strangeCursor }
                return cursor
            } ?? ScatterCursor()
    }
}
