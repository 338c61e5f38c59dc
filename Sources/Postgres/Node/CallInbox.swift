/// Calls that have come from other threads since the loop last looked.
struct CallInbox {
    private var calls: [PostgresCall] = []

    /// - Returns: whether the loop must be asked to look.
    mutating func append(_ call: PostgresCall) -> Bool {
        calls.append(call)
        return calls.count == 1
    }

    /// Trades the calls for an empty list, whose room is used for the next ones.
    mutating func takeAll(into taken: inout [PostgresCall]) { swap(&calls, &taken) }
}
