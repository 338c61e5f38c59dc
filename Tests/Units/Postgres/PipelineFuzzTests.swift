import Testing

@testable import Postgres

@Suite("Postgres: the pipeline under random orders of events")
struct PipelineFuzzTests {
    /// Each seed is one history of some hundred events. A failure names its seed: run that one alone with
    /// `arguments: [seed]`.
    @Test("every caller gets one answer, its own, and the server never sees a statement that it does not know")
    func histories() {
        for seed in 1...120 {
            var history = PipelineHistory(seed: UInt64(seed))
            history.run()
            if let problem = history.problem {
                Issue.record("seed \(seed): \(problem)")
                return
            }
        }
    }
}

/// Drives a pipeline with random calls, replies, cancellations, deadlines and losses against a model of the server.
private struct PipelineHistory {
    struct Work: PipelinePayload {
        var number: Int
        var statements: [String]
        var sharesSync: Bool
        var deadline: ContinuousClock.Instant
        var isRepeatable: Bool { true }
        var startsTransaction: Bool { true }
        var statementCount: Int { statements.count }
        func statementKey(_ index: Int) -> StatementKey? {
            statements[index].hasPrefix("loose") ? nil : StatementKey(sql: statements[index], types: [])
        }
    }

    typealias Machine = Pipeline<Work, String>

    let seed: UInt64
    private var random: SplitMix
    private var machine = Machine(maximumInFlight: 24, maximumStatements: 4)
    private var server: ModelServer
    private let start = ContinuousClock().now
    private var elapsed = Duration.zero
    private var ids: [Int: Machine.CallID] = [:]
    private var works: [Int: Work] = [:]
    private var answers: [Int: Int] = [:]
    private(set) var problem: String?

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix(state: seed)
        server = ModelServer(random: SplitMix(state: seed &* 31))
    }

    private var now: ContinuousClock.Instant { start + elapsed }

    mutating func run() {
        for _ in 0..<250 where problem == nil { step() }
        // Everything still owed is answered; then the connection ends.
        for _ in 0..<2000 where problem == nil && !machine.isIdle {
            flush()
            deliver()
        }
        if problem == nil, !machine.isIdle { problem = "something is owed for ever" }
        act { $0.close(into: &$1) }
        for number in works.keys where answers[number] != 1 && problem == nil {
            problem = "call \(number) got \(answers[number] ?? 0) answers"
        }
        if let mistake = server.mistake, problem == nil { problem = mistake }
    }

    private mutating func step() {
        switch random.below(10) {
        case 0...3: submit()
        case 4: flush()
        case 5...7: deliver()
        case 8:
            guard let victim = ids.keys.sorted().randomElement(using: &random), let id = ids[victim] else { return }
            act { $0.abandon(id, .cancelled, into: &$1) }
        default:
            elapsed += .milliseconds(random.below(40))
            let now = now
            act { $0.expire(now: now, into: &$1) }
        }
    }

    private mutating func flush() {
        let now = now
        act { $0.flush(now: now, into: &$1) }
    }

    private mutating func submit() {
        guard machine.hasRoom else { return }
        let number = works.count
        let names = ["a", "b", "c", "d", "e", "f", "bad syntax", "bad run", "loose", "stale"]
        let isRead = random.below(3) > 0
        let count = isRead ? 1 : 1 + Int(random.below(3))
        let work = Work(
            number: number, statements: (0..<count).map { _ in names[Int(random.below(UInt64(names.count)))] },
            sharesSync: isRead, deadline: now + .milliseconds(5 + random.below(200)))
        works[number] = work
        ids[number] = machine.submit(work)
    }

    private mutating func deliver() {
        for _ in 0...random.below(4) {
            guard let message = server.next() else { return }
            act { machine, actions in
                switch message {
                case .result(let reply, let answer): machine.receive(reply, answer, into: &actions)
                case .end: machine.receiveEnd(into: &actions)
                case .sync: machine.receiveSync(into: &actions)
                }
            }
        }
    }

    private mutating func act(_ decide: (inout Machine, inout [Machine.Action]) -> Void) {
        var actions: [Machine.Action] = []
        decide(&machine, &actions)
        for action in actions {
            switch action {
            case .prepare(let name, let work, let statement):
                server.parse(name, work.statements[statement])
            case .execute(let name, let work, let statement):
                server.execute(name, work.statements[statement], reply: "\(work.number).\(statement)")
            case .deallocate(let name): server.deallocate(name)
            case .sync: server.sync()
            case .finish(let work, let completion): check(work, completion)
            case .violation(let text): problem = problem ?? "violation: \(text)"
            }
        }
    }

    private mutating func check(_ work: Work, _ completion: Machine.Completion) {
        answers[work.number, default: 0] += 1
        ids[work.number] = nil
        switch completion {
        case .reply(let reply) where reply != "\(work.number).0":
            problem = problem ?? "call \(work.number) got the answer \(reply)"
        case .replies(let replies) where replies != work.statements.indices.map { "\(work.number).\($0)" }:
            problem = problem ?? "call \(work.number) got the answers \(replies)"
        case .failed(let reply):
            if !work.statements.contains(where: { $0.hasPrefix("bad") }) {
                problem = problem ?? "call \(work.number) of \(work.statements) failed for \(reply)"
            }
        case .reply, .replies:
            if work.statements.contains(where: { $0.hasPrefix("bad") }) {
                problem = problem ?? "call \(work.number) of \(work.statements) succeeded"
            }
        default: break
        }
    }
}

/// The server's side of pipeline mode: messages in order, statements by name, and skipping to the Sync after an error.
private struct ModelServer {
    enum Message {
        case result(String, Pipeline<PipelineHistory.Work, String>.Answer)
        case end
        case sync
    }

    private enum Command {
        case parse(StatementName, String)
        case execute(StatementName?, String, reply: String)
        case deallocate(StatementName)
        case sync
    }

    var random: SplitMix
    private var commands: [Command] = []
    private var outgoing: [Message] = []
    private var prepared: [StatementName: String] = [:]
    private var isSkipping = false
    private(set) var mistake: String?

    init(random: SplitMix) { self.random = random }

    mutating func parse(_ name: StatementName, _ sql: String) { commands.append(.parse(name, sql)) }
    mutating func execute(_ name: StatementName?, _ sql: String, reply: String) {
        commands.append(.execute(name, sql, reply: reply))
    }
    mutating func deallocate(_ name: StatementName) { commands.append(.deallocate(name)) }
    mutating func sync() { commands.append(.sync) }

    mutating func next() -> Message? {
        if outgoing.isEmpty {
            if commands.isEmpty { return nil }
            process(commands.removeFirst())
        }
        return outgoing.removeFirst()
    }

    private mutating func process(_ command: Command) {
        if case .sync = command {
            isSkipping = false
            outgoing.append(.sync)
            return
        }
        if isSkipping {
            outgoing += [.result("skipped", .aborted), .end]
            return
        }
        switch command {
        case .parse(_, let sql) where sql == "bad syntax": fail("42601")
        case .parse(let name, let sql):
            if prepared[name] != nil { mistake = mistake ?? "\(name) was prepared twice" }
            prepared[name] = sql
            outgoing += [.result("parsed", .ok), .end]
        case .execute(let name, let sql, let reply): execute(name, sql, reply)
        case .deallocate(let name):
            if prepared.removeValue(forKey: name) == nil {
                mistake = mistake ?? "\(name) was closed without being known"
            }
            outgoing += [.result("closed", .ok), .end]
        case .sync: break
        }
    }

    private mutating func execute(_ name: StatementName?, _ sql: String, _ reply: String) {
        if let name {
            guard let known = prepared[name] else {
                mistake = mistake ?? "\(name) was executed without being known"
                fail("26000")
                return
            }
            if known != sql { mistake = mistake ?? "\(name) is \(known), not \(sql)" }
            // Now and then the plan of a statement no longer fits its table.
            if sql == "stale", random.below(6) == 0 {
                fail("0A000")
                return
            }
        } else if sql == "bad syntax" {
            fail("42601")
            return
        }
        if sql == "bad run" {
            fail("22012")
        } else {
            outgoing += [.result(reply, .ok), .end]
        }
    }

    private mutating func fail(_ state: SQLState) {
        isSkipping = true
        outgoing += [.result(state.rawValue, .error(state, isFatal: false)), .end]
    }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: UInt64) -> UInt64 { next() % limit }
}
