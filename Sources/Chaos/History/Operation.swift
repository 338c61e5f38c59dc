/// One attempt of a client, its invocation and its end together: what the checkers and the report work on.
public struct Operation: Sendable, Equatable {
    /// Index of its invocation in the history.
    public var index: Int
    /// The client, by number; one operation at a time.
    public var process: Int
    /// What it did: `product`, `products`, `order`.
    public var function: String
    /// The thing it touched; nil for a list.
    public var key: String?
    /// When it was due by the workload's schedule, in the run's nanoseconds. Latency counts from here, so that a slow
    /// answer cannot hide the requests that waited behind it.
    public var start: Int64
    /// When its end was recorded; nil when the history stops before.
    public var end: Int64?
    /// Nil while it has not ended.
    public var outcome: Outcome?
    /// What was asked and, over it, what was answered.
    public var value: JSONValue

    /// How it ended; `info` is unknown.
    public enum Outcome: String, Sendable, CaseIterable {
        case ok, fail, info
    }

    /// Makes an operation from its parts.
    public init(
        index: Int, process: Int, function: String, key: String?, start: Int64, end: Int64?, outcome: Outcome?,
        value: JSONValue
    ) {
        self.index = index
        self.process = process
        self.function = function
        self.key = key
        self.start = start
        self.end = end
        self.outcome = outcome
        self.value = value
    }

    /// Nanoseconds from when it was due until its end.
    public var latency: Int64? { end.map { $0 - start } }
    /// The answer's HTTP status; nil without one.
    public var status: Int? { value["status"]?.int.map(Int.init) }
    /// The data node that served it, from `Server-Timing`; nil for a cache hit or an error.
    public var node: String? { value["node"]?.string }
    /// The server it was sent to.
    public var server: String? { value["server"]?.string }
    /// The Postgres group that its store lives on, by the name of the group.
    public var group: String? { value["group"]?.string }
    /// The store it was about.
    public var store: String? { value["store"]?.string }
    /// The order that was placed.
    public var order: String? { value["order"]?.string }
    /// Problem code of an error answer (RFC 9457), or the transport's error.
    public var code: String? { value["code"]?.string }
    /// The version of the product that it read or made; nil when it did neither.
    public var version: Int64? { value["version"]?.int }
    /// The session that it belongs to, one client's token; nil for everybody else.
    public var session: String? { value["session"]?.string }
    /// Whether the client sent a consistency token.
    public var hasToken: Bool { value["token"] != nil }
    /// Whether it is a session's.
    public var isOfSession: Bool { function == "session-read" || function == "session-write" }
    /// Whether it lists what lives on all shards.
    public var isList: Bool { function == "stores" || function == "search" }
    /// Whether it changes nothing.
    public var isRead: Bool { function == "product" || function == "products" }
    /// Whether it places an order.
    public var isOrder: Bool { function == "order" }
    /// Whether the server said that it had answered this key before.
    public var isReplay: Bool { value["replayed"]?.bool == true }

    /// Whether the error may come from a machine that is too busy: the client's or the service's patience ended.
    public var isTimeBound: Bool { status == nil || status == 503 || status == 504 || status == 429 }

    /// Whether a caller would call the outcome an error of the service: anything but an answer in the 200s and a
    /// refusal for a reason of business (no such thing, out of stock, the same order still in progress).
    public var isError: Bool {
        switch outcome {
        case .ok: false
        case .info: true
        case .fail: !(status.map { (400..<500).contains($0) && $0 != 408 && $0 != 429 } ?? false)
        case nil: false
        }
    }
}

extension Operation {
    /// Pairs invocations with their ends, in the order of the invocations.
    public static func pair(_ events: some Sequence<HistoryEvent>) -> [Operation] {
        var operations: [Operation] = []
        var open: [Int: Int] = [:]
        for event in events {
            guard case .client(let process) = event.process else { continue }
            if event.type == .invoke {
                open[process] = operations.count
                operations.append(
                    Operation(
                        index: event.index, process: process, function: event.function, key: event.key,
                        start: event.value["scheduled"]?.int ?? event.time, end: nil, outcome: nil,
                        value: event.value))
            } else if let position = open.removeValue(forKey: process) {
                operations[position].end = event.time
                operations[position].outcome = Outcome(rawValue: event.type.rawValue)
                operations[position].value = operations[position].value.merging(event.value)
            }
        }
        return operations
    }

    /// What a violation prints of it: enough to find it in the history and to understand it alone.
    public var summary: String {
        var parts = ["#\(index)", function]
        if let key { parts.append(key) }
        parts.append("at \((Double(start) / 1e9).formatted(decimals: 3)) s")
        if let server { parts.append("on \(server)") }
        parts.append(outcome.map { $0 == .info ? "unknown" : $0.rawValue } ?? "not ended")
        if let status { parts.append("\(status)") }
        if let code { parts.append(code) }
        if let order { parts.append("order \(order)") }
        if let session { parts.append("session \(session)") }
        if let version { parts.append("version \(version)") }
        if let latency { parts.append("after \((Double(latency) / 1e6).formatted(decimals: 1)) ms") }
        return parts.joined(separator: " ")
    }
}

extension JSONValue {
    /// The members of both objects, the other's over one's own.
    func merging(_ other: JSONValue) -> JSONValue {
        guard case .object(let mine) = self, case .object(let theirs) = other else {
            return other == .null ? self : other
        }
        return .object(mine.merging(theirs) { _, new in new })
    }
}
