/// What the history says of a call's end.
enum CallRecord {
    /// The end of an operation: ok, certainly without effect, or unknown; and its value.
    /// - Parameter isWrite: an unanswered read has no effect, and is a failure.
    static func end(
        of result: ServiceCaller.Result, isWrite: Bool, latency: Int64
    ) -> (kind: HistoryEvent.Kind, value: [String: JSONValue]) {
        var value: [String: JSONValue] = ["latency": .int(latency)]
        switch result {
        case .notSent(let reason):
            value["code"] = .string(reason)
            return (.fail, value)
        case .unanswered(let reason):
            value["code"] = .string(reason)
            return (isWrite ? .info : .fail, value)
        case .reply(let reply):
            value["status"] = .int(Int64(reply.status))
            let served = reply.servedBy
            value["node"] = served.node.map { .string($0) }
            value["cache"] = served.cache.map { .string($0) }
            value["degraded"] = reply.header("degraded").map { .string($0) }
            value["retryAfter"] = reply.header("retry-after").map { .string($0) }
            if (200..<300).contains(reply.status) { return (.ok, value) }
            value["code"] = reply.json?["code"] ?? .string("http-\(reply.status)")
            if !isWrite { return (.fail, value) }
            let end = OrderProgress.end(status: reply.status, code: value["code"]?.string)
            return (end == .unknown ? .info : .fail, value)
        }
    }
}
