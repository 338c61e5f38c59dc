@testable import Postgres

/// As much of a Postgres server as a pipeline can tell: messages are answered in order, an error skips what follows up
/// to the Sync, a Sync commits what was executed since the last one. (PostgreSQL documentation, "Extended Query" and
/// "Pipelining", protocol-flow.)
struct ModelServer {
    enum Message: Sendable {
        case parse(StatementName, call: Int, statement: Int)
        case execute(StatementName?, call: Int, statement: Int, isLast: Bool, isUnit: Bool)
        case deallocate(StatementName)
        case sync
    }

    /// What libpq would hand out.
    enum Step: Sendable {
        case result(BenchReply, Postgres.Pipeline<BenchCall, BenchReply>.Answer)
        case end
        case unconfirmed
        case sync
    }

    /// What was read and is not answered yet.
    var inbox: [Message] = []
    private var prepared: Set<StatementName> = []
    /// Prepared once, and lost by no fault of the client's.
    private var forgotten: Set<StatementName> = []
    /// How often each unit was committed as a whole.
    private(set) var commits: [Int: Int] = [:]
    private var isSkipping = false
    private var executed: [Int] = []
    private var isUnit = false

    mutating func forget() {
        forgotten.formUnion(prepared)
        prepared = []
    }

    mutating func reconnect() {
        inbox = []
        prepared = []
        forgotten = []
        isSkipping = false
        executed = []
        isUnit = false
    }

    /// The error that a server which is shut down sends to whoever is being served.
    func lastWord() -> BenchReply? {
        switch inbox.first {
        case .parse(_, let call, let statement), .execute(_, let call, let statement, _, _):
            BenchReply(call: call, statement: statement, isError: true)
        case .deallocate, .sync, nil: nil
        }
    }

    mutating func answerNext(_ mood: PipelineEvent.Mood) -> [Step] {
        guard !inbox.isEmpty else { return [] }
        switch inbox.removeFirst() {
        case .parse(let name, let call, let statement):
            let error = mood == .refuses ? SQLState.syntaxError : nil
            if !isSkipping, error == nil { prepared.insert(name) }
            return answer(call, statement, error)
        case .execute(let name, let call, let statement, let isLast, let isUnit):
            let isKnown = name.map { prepared.contains($0) } ?? true
            let error: SQLState? =
                !isKnown
                ? .invalidStatementName
                : mood == .refuses ? .uniqueViolation : mood == .planChanged ? .featureNotSupported : nil
            if !isSkipping, error == nil {
                self.isUnit = isUnit
                if isLast { executed.append(call) }
            }
            let isUnprovoked = !isKnown && !(name.map(forgotten.contains) ?? true)
            return answer(call, statement, error, isUnprovoked: isUnprovoked)
        case .deallocate(let name):
            let error = prepared.contains(name) ? nil : SQLState.invalidStatementName
            if !isSkipping { prepared.remove(name) }
            return answer(nil, 0, error)
        case .sync: return sync(mood)
        }
    }

    private mutating func answer(
        _ call: Int?, _ statement: Int, _ error: SQLState?, isUnprovoked: Bool = false
    ) -> [Step] {
        let reply = BenchReply(
            call: call, statement: statement, isError: isSkipping || error != nil, isUnprovoked: isUnprovoked)
        if isSkipping { return [.result(reply, .aborted), .end] }
        guard let error else { return [.result(reply, .ok), .end] }
        isSkipping = true
        return [.result(reply, .error(error, isFatal: false)), .end]
    }

    private mutating func sync(_ mood: PipelineEvent.Mood) -> [Step] {
        defer {
            isSkipping = false
            executed = []
            isUnit = false
        }
        if isSkipping { return [.sync] }
        // Reads have nothing to commit that could fail.
        if isUnit, mood == .commitFails {
            let reply = BenchReply(call: executed.last, statement: 0, isError: true)
            return [.result(reply, .error(.foreignKeyViolation, isFatal: false)), .end, .sync]
        }
        for call in executed { commits[call, default: 0] += 1 }
        return isUnit && mood == .commitUnconfirmed ? [.unconfirmed, .sync] : [.sync]
    }
}
