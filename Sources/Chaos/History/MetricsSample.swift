/// One look at one server while the run went on; a line of `metrics.jsonl`.
public struct MetricsSample: Sendable, Equatable {
    /// Nanoseconds since the run began.
    public var time: Int64
    /// The server that was asked; `generator` for the load generator itself.
    public var source: String
    /// What was seen.
    public var content: Content

    /// Makes a sample.
    public init(time: Int64, source: String, content: Content) {
        self.time = time
        self.source = source
        self.content = content
    }

    /// What a sample holds.
    public enum Content: Sendable, Equatable {
        /// From `/health/ready`: whether it is ready, its breakers (`closed`, `half-open`, `open`) by dependency, and
        /// by how many seconds each replica lags.
        case readiness(ready: Bool, breakers: [String: String], replicas: [String: Double] = [:])
        /// From `/metrics`: counters since the server's start, by series name as Prometheus prints it.
        case counters([String: Double])
        /// It did not answer in time, or not intelligibly.
        case unreachable(String)
        /// By how much the machine held up the load generator or a processor, nanoseconds; the worst since the sample
        /// before.
        case schedulingDelay(Int64)
    }
}

extension MetricsSample {
    /// Whether it tells how well a server is, and nothing else.
    var isLookAtHealth: Bool {
        switch content {
        case .readiness, .unreachable: true
        case .counters, .schedulingDelay: false
        }
    }

    /// As a line of metrics.jsonl has it.
    public var json: JSONValue {
        var members: [String: JSONValue] = ["time": .int(time), "source": .string(source)]
        switch content {
        case .readiness(let ready, let breakers, let replicas):
            members["ready"] = .bool(ready)
            members["breakers"] = .object(breakers.mapValues { .string($0) })
            members["replicas"] = replicas.isEmpty ? nil : .object(replicas.mapValues { .double($0) })
        case .counters(let counters): members["counters"] = .object(counters.mapValues { .double($0) })
        case .unreachable(let reason): members["unreachable"] = .string(reason)
        case .schedulingDelay(let delay): members["schedulingDelay"] = .int(delay)
        }
        return .object(members)
    }

    /// Nil when the line is not a sample.
    public init?(_ json: JSONValue) {
        guard let time = json["time"]?.int, let source = json["source"]?.string else { return nil }
        if let ready = json["ready"]?.bool {
            let breakers = (json["breakers"]?.object ?? [:]).compactMapValues(\.string)
            let replicas = (json["replicas"]?.object ?? [:]).compactMapValues(\.double)
            self.init(
                time: time, source: source,
                content: .readiness(ready: ready, breakers: breakers, replicas: replicas))
        } else if let counters = json["counters"]?.object {
            self.init(time: time, source: source, content: .counters(counters.compactMapValues(\.double)))
        } else if let reason = json["unreachable"]?.string {
            self.init(time: time, source: source, content: .unreachable(reason))
        } else if let delay = json["schedulingDelay"]?.int {
            self.init(time: time, source: source, content: .schedulingDelay(delay))
        } else {
            return nil
        }
    }
}
