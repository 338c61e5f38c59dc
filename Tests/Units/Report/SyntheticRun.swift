@testable import Chaos

/// A made-up run of the pause-replica kind, for tests of checkers and report: what each operation does is written down
/// here, so that a test can plant one breach and expect exactly that.
struct SyntheticRun {
    static let second: Int64 = 1_000_000_000
    static let millisecond: Int64 = 1_000_000

    var events: [HistoryEvent] = []
    var metrics: [MetricsSample] = []
    var facts: RunFacts
    private var process = 0
    private var placed: [(id: String, key: String, quantity: Int64)] = []

    static let group = PostgresGroup(
        name: "shard-0", primary: "shard-0-primary", replicas: ["shard-0-replica-0", "shard-0-replica-1"])
    static let otherGroup = PostgresGroup(
        name: "shard-1", primary: "shard-1-primary", replicas: ["shard-1-replica-0", "shard-1-replica-1"])

    /// Baseline from 1 s to 6 s, fault from 6 s to 13 s, recovery from 13 s to 18 s.
    init(fault: Bool = true) {
        let second = Self.second
        facts = RunFacts(
            warmUp: 0..<second, baseline: second..<6 * second, groups: ["a": Self.group, "b": Self.otherGroup])
        guard fault else { return }
        facts.fault = 6 * second..<13 * second
        facts.recovery = 13 * second..<18 * second
        facts.injections = [
            RunFacts.Injection(
                fault: "pause", target: "shard-0-replica-0", nodes: ["shard-0-replica-0"], began: 6 * second,
                applied: 6 * second, healing: 13 * second, healed: 13 * second + 20 * Self.millisecond,
                observations: (0...7).map {
                    FaultObservation(time: (6 + Int64($0)) * second, inForce: true, evidence: "4 processes in state T")
                })
        ]
    }

    mutating func add(
        _ function: String, at start: Int64, taking latency: Int64, _ type: HistoryEvent.Kind = .ok, key: String = "p",
        store: String = "a", value: [String: JSONValue] = [:]
    ) {
        process += 1
        var asked: [String: JSONValue] = [
            "scheduled": .int(start), "server": "server-0", "store": .string(store),
            "group": store == "a" ? "shard-0" : "shard-1",
        ]
        for name in ["when", "sku", "quantity"] { asked[name] = value[name] }
        events.append(
            HistoryEvent(
                index: 0, time: start, process: .client(process), type: .invoke, function: function, key: key,
                value: .object(asked)))
        var answered = value
        answered["latency"] = .int(latency)
        answered["status"] = answered["status"] ?? (type == .ok ? 200 : nil)
        events.append(
            HistoryEvent(
                index: 0, time: start + latency, process: .client(process), type: type, function: function, key: key,
                value: .object(answered)))
    }

    /// A step of one session.
    mutating func session(
        _ function: String, version: Int64, at start: Int64, key: String = "own", name: String = "s0.0",
        hasToken: Bool = true
    ) {
        var value: [String: JSONValue] = ["session": .string(name), "version": .int(version)]
        if hasToken { value["token"] = "1;shard-0=1:16B3748" }
        add(function, at: start, taking: 2_000_000, key: key, value: value)
    }

    mutating func order(
        _ key: String, id: String, at start: Int64, taking latency: Int64 = 4_000_000, isListed: Bool = true
    ) {
        add(
            "order", at: start, taking: latency, key: key,
            value: [
                "order": .string(id), "status": 201, "node": "shard-0-primary", "sku": "sku-1", "quantity": 1,
            ])
        if isListed { placed.append((id, key, 1)) }
    }

    /// 300 reads and 60 orders a second, none of them remarkable.
    mutating func calm(from start: Int64 = 0, to end: Int64 = 18 * second) {
        var random = SeededRandom(seed: 42)
        for (number, time) in stride(from: start, to: end, by: Int(Self.second / 300)).enumerated() {
            let latency = 600_000 + Int64(random.next() % 2_500_000)
            let node = number % 3 == 0 ? nil : number % 2 == 0 ? "shard-0-replica-1" : "shard-1-replica-0"
            add(
                "product", at: time, taking: latency, store: node == "shard-1-replica-0" ? "b" : "a",
                value: [
                    "node": node.map { .string($0) } ?? .null, "cache": node == nil ? "hit" : "miss",
                ].filter { $0.value != .null })
        }
        for (number, time) in stride(from: start, to: end, by: Int(Self.second / 60)).enumerated() {
            order("k-\(number)", id: "o-\(number)", at: time, taking: 3_000_000 + Int64(random.next() % 4_000_000))
        }
    }

    /// Both servers' breakers as looked at every 100 ms, and their counters at the ends of the fault.
    mutating func looks(openAfter: Int64 = 300 * millisecond, closedAfter: Int64 = 900 * millisecond) {
        guard let injection = facts.injections.first, let healed = injection.healed else { return }
        for server in ["server-0", "server-1"] {
            for time in stride(from: Int64(0), to: 18 * Self.second, by: Int(100 * Self.millisecond)) {
                let isOpen = time >= injection.applied + openAfter && time < healed + closedAfter
                metrics.append(
                    MetricsSample(
                        time: time, source: server,
                        content: .readiness(
                            ready: true,
                            breakers: ["shard-0-replica-0": isOpen ? "open" : "closed", "cache": "closed"])))
            }
            for (time, count) in [(6 * Self.second + 1, 1_000.0), (13 * Self.second - 1, 1_400.0)] {
                metrics.append(
                    MetricsSample(
                        time: time, source: server,
                        content: .counters([
                            "marketplace_dependency_calls_total{dependency=\"shard-0-replica-0\",outcome=\"refused\"}":
                                count
                        ])))
            }
        }
    }

    /// The books before and after: 100,000 in stock, less what the listed orders took and what `missing` says.
    mutating func books(missing: Int64 = 0, total: Int64 = 250) {
        let taken = placed.reduce(0) { $0 + $1.quantity }
        for (when, time, quantity) in [
            ("initial", Int64(0), Int64(100_000)), ("final", 19 * Self.second, 100_000 - taken - missing),
        ] {
            add("stock", at: time, taking: 1, key: "sku-1", value: ["when": .string(when), "quantity": .int(quantity)])
            let orders: [JSONValue] = placed.map { order in
                [
                    "id": .string(order.id), "idempotencyKey": .string(order.key), "totalMinor": .int(total),
                    "items": [["sku": "sku-1", "quantity": .int(order.quantity), "unitPriceMinor": 250]],
                ]
            }
            add(
                "orders", at: time + 2, taking: 1, key: "a",
                value: [
                    "when": .string(when), "orders": .array(when == "initial" ? [] : orders),
                ])
        }
    }

    /// The history in the order of time, as a recorder writes it.
    var history: [HistoryEvent] {
        var sorted = events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
        for index in sorted.indices { sorted[index].index = index }
        return sorted
    }

    var run: RecordedRun { RecordedRun(operations: Operation.pair(history), facts: facts, metrics: metrics) }

    /// Everything as it should be.
    static func held() -> SyntheticRun {
        var run = SyntheticRun()
        run.calm()
        run.looks()
        run.books()
        return run
    }
}
