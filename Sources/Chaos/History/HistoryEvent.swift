/// One line of a history: a client or the nemesis began something, or learned how it ended. The shape is Jepsen's
/// (https://github.com/jepsen-io/jepsen), so that other checkers can read it.
public struct HistoryEvent: Sendable, Equatable {
    /// Position in the history, from 0, without gaps.
    public var index: Int
    /// Nanoseconds since the run began, monotonic.
    public var time: Int64
    /// Who did it.
    public var process: Process
    public var type: Kind
    /// What was done: `product`, `products`, `order`, `session-read`, `session-write`, `stores`, `search`; for the
    /// books `stock`, `orders`, `final-product`; for the nemesis `inject`, `verify`, `heal`,
    /// `phase`, `experiment`.
    public var function: String
    /// What it was done to: a product, an idempotency key, a fault's target.
    public var key: String?
    /// What was asked or answered.
    public var value: JSONValue

    /// Makes an event.
    public init(
        index: Int, time: Int64, process: Process, type: Kind, function: String, key: String? = nil,
        value: JSONValue = .null
    ) {
        self.index = index
        self.time = time
        self.process = process
        self.type = type
        self.function = function
        self.key = key
        self.value = value
    }

    /// Who did it. A process does one thing at a time; one whose operation ended `info` is never used again, since it
    /// may still be doing it.
    public enum Process: Sendable, Hashable {
        case client(Int)
        case nemesis
    }

    /// `info` means that the outcome is unknown.
    public enum Kind: String, Sendable, CaseIterable {
        case invoke, ok, fail, info
    }
}

extension HistoryEvent {
    /// Appends the event as one line of JSON, members in the documented order.
    func write(to writer: inout JSONWriter) {
        writer.raw("{\"index\":")
        writer.number(index)
        writer.raw(",\"time\":")
        writer.number(time)
        writer.raw(",\"process\":")
        switch process {
        case .client(let number): writer.number(number)
        case .nemesis: writer.raw("\"nemesis\"")
        }
        writer.raw(",\"type\":")
        writer.string(type.rawValue)
        writer.raw(",\"f\":")
        writer.string(function)
        if let key {
            writer.raw(",\"key\":")
            writer.string(key)
        }
        if value != .null {
            writer.raw(",\"value\":")
            writer.write(value)
        }
        writer.raw("}")
        writer.newline()
    }

    /// - Throws: a ``Malformed`` that names the member.
    init(_ json: JSONValue) throws(Malformed) {
        guard case .object = json else { throw Malformed("the line is \(json.kind), not a mapping") }
        guard let index = json["index"]?.int, index >= 0 else { throw Malformed("`index` must be a whole number") }
        guard let time = json["time"]?.int else { throw Malformed("`time` must be whole nanoseconds") }
        guard let typeName = json["type"]?.string, let type = Kind(rawValue: typeName) else {
            throw Malformed("`type` must be one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let function = json["f"]?.string else { throw Malformed("`f` must be a string") }
        let process: Process
        switch json["process"] {
        case .int(let number)?: process = .client(Int(number))
        case .string("nemesis")?: process = .nemesis
        default: throw Malformed("`process` must be a number or \"nemesis\"")
        }
        self.init(
            index: Int(index), time: time, process: process, type: type, function: function,
            key: json["key"]?.string, value: json["value"] ?? .null)
    }

    struct Malformed: Error {
        var message: String
        init(_ message: String) { self.message = message }
    }
}
