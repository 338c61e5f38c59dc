import Testing

@testable import Redis

/// A connection machine on a test's bench: callers are numbers, and a command's bytes hold its caller's number.
struct MachineBench {
    var machine: ConnectionMachine<Int>
    var now = ContinuousClock.now
    private(set) var answers: [Int: Result<RedisValue, RedisError>] = [:]
    /// Callers whose commands were written, in order.
    private(set) var written: [Int] = []
    private(set) var closed: [Int] = []
    /// The generation that was to be connected last.
    private(set) var connecting = 0
    /// What broke the machine's own rules, if anything did.
    private(set) var breaches: [String] = []

    init(_ settings: RedisSettings = RedisSettings()) {
        machine = ConnectionMachine(node: "n", settings: settings, logIn: ([], 1))
    }

    mutating func act(_ actions: [ConnectionMachine<Int>.Action]) {
        for action in actions {
            switch action {
            case .answer(let caller, let result):
                if answers.updateValue(result, forKey: caller) != nil { breaches.append("\(caller) answered twice") }
            case .close(let generation): closed.append(generation)
            case .connect(let generation): connecting = generation
            case .flush: send()
            case .logIn, .reportReady, .reportLost: break
            }
        }
    }

    mutating func connect() {
        act(machine.start(now: now))
        open()
        reply([.status("PONG")])
    }

    mutating func open() { act(machine.opened(generation: connecting, now: now)) }

    mutating func submit(
        _ caller: Int, bytes count: Int = 8, _ shape: ReplyShape = .any, within limit: Duration = .seconds(10)
    ) throws(RedisError) -> UInt64 {
        let digits = Array(String(caller).utf8)
        let bytes = digits + [UInt8](repeating: UInt8(ascii: " "), count: max(0, count - digits.count))
        return try machine.submit(caller, bytes, shape, deadline: now + limit, now: now).get()
    }

    mutating func send() {
        var written: [Int] = []
        machine.send(now: now) { bytes in
            written.append(Int(String(decoding: bytes.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)) ?? -1)
        }
        self.written += written
    }

    mutating func reply(_ values: [RedisValue], generation: Int? = nil) {
        act(machine.received(values, generation: generation ?? machine.generation, now: now, random: 0.5))
    }

    mutating func lose(_ reason: RedisError.Reason, generation: Int? = nil) {
        act(machine.lost(reason, generation: generation ?? machine.generation, now: now, random: 0.5))
    }

    mutating func tick(after time: Duration) {
        now += time
        act(machine.tick(now: now, random: 0.5))
    }
}

extension Result where Failure == RedisError {
    var outcome: RedisError.Outcome? {
        if case .failure(let error) = self { error.outcome } else { nil }
    }
}
