import Generators

@testable import Redis

/// A connection between callers and a model server per channel, with an account of what every caller was told.
struct ConnectionBench {
    /// A server reads commands in order and answers in order; commands are the decimal numbers of their callers.
    private struct ModelServer {
        var owedLogInReplies = 0
        var inbox: [Int] = []
    }

    private var machine: ConnectionMachine<Int>
    private var now = ContinuousClock.now
    private var servers: [Int: ModelServer] = [:]
    private var tickets: [(caller: Int, ticket: UInt64)] = []
    private var callers = 0
    private var accepted: Set<Int> = []
    private var written: Set<Int> = []
    private var told: [Int: Result<RedisValue, RedisError>] = [:]
    private var actions: [ConnectionMachine<Int>.Action] = []

    init() {
        var settings = RedisSettings()
        settings.maximumPendingCommands = 20
        machine = ConnectionMachine(node: "cache", settings: settings, logIn: (bytes: [1], replies: 2))
        actions = machine.start(now: now)
    }

    mutating func take(_ event: ConnectionEvent) throws {
        switch event {
        case .submit(let milliseconds): submit(milliseconds)
        case .send: try send()
        case .cancel(let index):
            // Also of callers that were told long ago.
            guard !tickets.isEmpty else { return }
            let (caller, ticket) = tickets[index % tickets.count]
            let before = Set(told.keys)
            actions += machine.cancel(ticket)
            try act()
            let others = Set(told.keys).subtracting(before).subtracting([caller])
            try ensure(others.isEmpty, "caller \(caller) goes, and callers \(others) are told so")
        case .open(let isPresent): open(generation(isPresent))
        case .reply(let count, let isPresent): reply(count, generation(isPresent))
        case .lose(let isPresent):
            actions += machine.lost(
                .connectionLost("reset"), generation: generation(isPresent), now: now, random: 0.5)
        case .wait(let milliseconds):
            now += .milliseconds(milliseconds)
            actions += machine.tick(now: now, random: 0.5)
        case .nonsense:
            // Whether a reply is due or not, this is none that any command can have.
            guard machine.isReady else { return }
            actions += machine.received([.integer(-1)], generation: machine.generation, now: now, random: 0.5)
        }
        try act()
    }

    /// After the end everybody has been told, and truly.
    mutating func finish() throws {
        actions += machine.shutdown()
        try act()
        for caller in accepted {
            guard let result = told[caller] else {
                throw PropertyFailure(message: "caller \(caller) is never told anything")
            }
            try checkTruth(result, of: caller)
        }
        try ensure(machine.queue.count == 0 && machine.queue.byteCount == 0, "places are taken after the end")
    }

    /// The present channel's, or that of the latest channel which was left.
    private func generation(_ isPresent: Bool) -> Int {
        let present = machine.generation
        return isPresent ? present : servers.keys.filter { $0 < present }.max() ?? present - 1
    }

    private mutating func submit(_ milliseconds: Int) {
        callers += 1
        let bytes = Array(String(callers).utf8)
        let deadline = now + .milliseconds(milliseconds)
        guard case .success(let ticket) = machine.submit(callers, bytes, .bulk, deadline: deadline, now: now) else {
            return
        }
        tickets.append((callers, ticket))
        accepted.insert(callers)
    }

    private mutating func send() throws {
        var commands: [Int] = []
        machine.send(now: now) { bytes in
            if let caller = Int(String(decoding: bytes, as: UTF8.self)) { commands.append(caller) }
        }
        for caller in commands {
            try ensure(written.insert(caller).inserted, "the command of caller \(caller) is sent twice")
            try ensure(told[caller] == nil, "the command of caller \(caller) is sent after its caller was told")
        }
        servers[machine.generation, default: ModelServer()].inbox += commands
    }

    private mutating func open(_ generation: Int) {
        let new = machine.opened(generation: generation, now: now)
        for action in new {
            if case .logIn = action { servers[generation] = ModelServer(owedLogInReplies: 2) }
        }
        actions += new
    }

    private mutating func reply(_ count: Int, _ generation: Int) {
        guard var server = servers[generation] else { return }
        var values: [RedisValue] = []
        for _ in 0..<count {
            if server.owedLogInReplies > 0 {
                server.owedLogInReplies -= 1
                values.append(.status("OK"))
            } else if !server.inbox.isEmpty {
                values.append(.bulk(Array(String(server.inbox.removeFirst()).utf8)))
            }
        }
        servers[generation] = server
        actions += machine.received(values, generation: generation, now: now, random: 0.5)
    }

    private mutating func act() throws {
        while !actions.isEmpty {
            switch actions.removeFirst() {
            case .answer(let caller, let result):
                try ensure(told[caller] == nil, "caller \(caller) is told twice")
                told[caller] = result
                if case .success(let value) = result {
                    try ensure(value.string == "\(caller)", "caller \(caller) is given \(value.string ?? "nothing")")
                }
            case .flush: try send()
            case .connect, .logIn, .close, .reportReady, .reportLost: break
            }
        }
    }

    private func checkTruth(_ result: Result<RedisValue, RedisError>, of caller: Int) throws {
        guard case .failure(let error) = result else { return }
        let wasWritten = written.contains(caller)
        switch error.outcome {
        case .notSent: try ensure(!wasWritten, "caller \(caller) was told that nothing was sent, and it was")
        case .unknown: try ensure(wasWritten, "caller \(caller) was told that it was sent, and it was not")
        case .failed: throw PropertyFailure(message: "caller \(caller) was told of a refusal that nobody made")
        }
    }
}
