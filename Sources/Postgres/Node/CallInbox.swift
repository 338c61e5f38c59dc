/// Calls that have come from other threads since the loop last looked.
struct CallInbox {
    private var calls: [PostgresCall] = []

    /// - Returns: whether the loop must be asked to look.
    mutating func append(_ call: PostgresCall) -> Bool {
        calls.append(call)
        return calls.count == 1
    }

    mutating func takeAll() -> [PostgresCall] {
        defer { calls = [] }
        return calls
    }
}
