import Generators

@testable import Postgres

/// A call of the bench: it carries its number, so that a reply can be traced to it.
struct BenchCall: PipelinePayload, Sendable {
    let number: Int
    let statements: [Int]
    let sharesSync: Bool
    let isRepeatable: Bool
    let deadline: ContinuousClock.Instant

    var statementCount: Int { statements.count }
    var startsTransaction: Bool { true }

    func statementKey(_ index: Int) -> StatementKey? {
        // One statement in six is not to be kept.
        statements[index] == 5 ? nil : StatementKey(sql: "SELECT \(statements[index])", types: [])
    }
}

/// What the model server answers to a statement.
struct BenchReply: Sendable, Hashable {
    let call: Int?
    let statement: Int
    let isError: Bool
    /// An error that only the client's own doing explains.
    var isUnprovoked = false
}

/// A pipeline between callers and a model server, with an account of what every caller was told.
struct PipelineBench {
    private typealias Machine = Pipeline<BenchCall, BenchReply>

    private var pipeline = Machine(maximumInFlight: 12, maximumStatements: 3)
    private var server = ModelServer()
    private var now = ContinuousClock.now
    private var calls: [BenchCall] = []
    /// The calls of this connection, by their numbers.
    private var handles: [(number: Int, id: Machine.CallID)] = []
    private var told: [Int: Machine.Completion] = [:]
    private var isNonsense = false

    mutating func take(_ event: PipelineEvent) throws {
        switch event {
        case .read(let sql, let milliseconds):
            submit([sql], sharesSync: true, isRepeatable: true, milliseconds)
        case .unit(let statements, let isRepeatable, let milliseconds):
            submit(statements, sharesSync: false, isRepeatable: isRepeatable, milliseconds)
        case .flush: try act { $0.flush(now: $1, into: &$2) }
        case .answer(let count, let mood):
            for index in 0..<count { try answer(index == 0 ? mood : .well) }
        case .abandon(let index):
            guard !handles.isEmpty else { return }
            // Also of calls that were told long ago, whose place is another's now.
            let (number, id) = handles[index % handles.count]
            let before = Set(told.keys)
            try act { $0.abandon(id, .cancelled, into: &$2) }
            let others = Set(told.keys).subtracting(before).subtracting([number])
            try ensure(others.isEmpty, "call \(number) goes, and calls \(others) are told so")
        case .wait(let milliseconds): try wait(milliseconds)
        case .forget: server.forget()
        case .reset(let hasLastWord): try reset(hasLastWord: hasLastWord)
        }
        try ensure(pipeline.callsInFlight <= 12, "\(pipeline.callsInFlight) calls are in flight")
    }

    /// When the server has answered everything, so has the pipeline, and no place is left taken.
    mutating func finish() throws {
        for _ in 0..<20 where !pipeline.isIdle {
            try act { $0.flush(now: $1, into: &$2) }
            while !server.inbox.isEmpty { try answer(.well) }
        }
        try ensure(pipeline.isIdle, "the pipeline never comes to rest")
        try ensure(pipeline.callsInFlight == 0, "\(pipeline.callsInFlight) places are taken for ever")
        for call in calls { try checkTruth(of: call) }
    }

    private mutating func submit(_ statements: [Int], sharesSync: Bool, isRepeatable: Bool, _ milliseconds: Int) {
        guard pipeline.hasRoom else { return }
        let call = BenchCall(
            number: calls.count, statements: statements, sharesSync: sharesSync, isRepeatable: isRepeatable,
            deadline: now + .milliseconds(milliseconds))
        calls.append(call)
        handles.append((call.number, pipeline.submit(call)))
    }

    private mutating func wait(_ milliseconds: Int) throws {
        now += .milliseconds(milliseconds)
        let before = Set(told.keys)
        try act { $0.expire(now: $1, into: &$2) }
        for (number, _) in handles where !before.contains(number) {
            let isLate = calls[number].deadline <= now
            try ensure(
                (told[number] != nil) == isLate,
                "call \(number) is \(isLate ? "" : "not ")late, and \(isLate ? "not " : "")told so")
        }
    }

    private mutating func reset(hasLastWord: Bool) throws {
        if hasLastWord, let word = server.lastWord() {
            try act { $0.receive(word, .error(.adminShutdown, isFatal: true), into: &$2) }
            try act { $0.receiveEnd(into: &$2) }
        }
        try act { $0.close(into: &$2) }
        try ensure(pipeline.isIdle && pipeline.callsInFlight == 0, "a closed pipeline is not empty")
        pipeline = Machine(maximumInFlight: 12, maximumStatements: 3)
        server.reconnect()
        handles = []
    }

    private mutating func answer(_ mood: PipelineEvent.Mood) throws {
        for step in server.answerNext(mood) {
            switch step {
            case .result(let reply, let answer): try act { $0.receive(reply, answer, into: &$2) }
            case .end: try act { $0.receiveEnd(into: &$2) }
            case .unconfirmed: pipeline.noteUnconfirmedCommit()
            case .sync: try act { $0.receiveSync(into: &$2) }
            }
        }
    }

    private mutating func act(
        _ body: (inout Machine, ContinuousClock.Instant, inout [Machine.Action]) -> Void
    ) throws {
        var actions: [Machine.Action] = []
        body(&pipeline, now, &actions)
        for action in actions {
            switch action {
            case .prepare(let name, let call, let statement):
                server.inbox.append(.parse(name, call: call.number, statement: statement))
            case .execute(let name, let call, let statement):
                server.inbox.append(
                    .execute(
                        name, call: call.number, statement: statement,
                        isLast: statement == call.statementCount - 1, isUnit: !call.sharesSync))
            case .deallocate(let name): server.inbox.append(.deallocate(name))
            case .sync: server.inbox.append(.sync)
            case .finish(let call, let completion): try note(call, completion)
            case .violation(let what):
                try ensure(isNonsense, "a well-behaved server is accused of \(what)")
            }
        }
    }

    private mutating func note(_ call: BenchCall, _ completion: Machine.Completion) throws {
        try ensure(told[call.number] == nil, "call \(call.number) is told twice")
        told[call.number] = completion
        if isNonsense { return }
        switch completion {
        case .reply(let reply):
            let own = BenchReply(call: call.number, statement: 0, isError: false)
            try ensure(reply == own, "call \(call.number) is given \(reply)")
        case .replies(let replies):
            let own = call.statements.indices.map { BenchReply(call: call.number, statement: $0, isError: false) }
            try ensure(replies == own, "call \(call.number) is given \(replies)")
        case .failed(let reply):
            try ensure(reply.call == call.number && reply.isError, "call \(call.number) is failed by \(reply)")
            try ensure(!reply.isUnprovoked, "call \(call.number) is failed by a statement that nobody prepared")
        case .unsent, .unanswered, .commitUnconfirmed: break
        }
    }

    /// What a caller was told must be true of what the server has committed by now, however late it did.
    private func checkTruth(of call: BenchCall) throws {
        guard let completion = told[call.number] else {
            throw PropertyFailure(message: "call \(call.number) is never told anything")
        }
        guard !call.sharesSync else { return }
        let commits = server.commits[call.number] ?? 0
        switch completion {
        case .reply, .replies:
            try ensure(commits == 1, "unit \(call.number) was told ok, and is committed \(commits) times")
        case .failed, .unsent:
            try ensure(commits == 0, "unit \(call.number) was told that nothing happened, and is committed")
        case .unanswered, .commitUnconfirmed:
            try ensure(commits <= 1, "unit \(call.number) is committed \(commits) times")
        }
    }
}

extension PipelineBench {
    /// Something that no server says at this point, or might by chance.
    mutating func takeNonsense(_ number: Int) throws {
        isNonsense = true
        let stray = BenchReply(call: nil, statement: 0, isError: true)
        switch number {
        case 0: try act { $0.receive(stray, .ok, into: &$2) }
        case 1: try act { $0.receive(stray, .error(.syntaxError, isFatal: false), into: &$2) }
        case 2: try act { $0.receive(stray, .aborted, into: &$2) }
        case 3: try act { $0.receiveEnd(into: &$2) }
        default: try act { $0.receiveSync(into: &$2) }
        }
    }

    /// Nonsense ends in a dropped connection: then everybody has been told.
    mutating func finishAfterNonsense() throws {
        try act { $0.close(into: &$2) }
        for call in calls {
            try ensure(told[call.number] != nil, "call \(call.number) is never told anything")
        }
        try ensure(pipeline.isIdle && pipeline.callsInFlight == 0, "a closed pipeline is not empty")
    }
}
