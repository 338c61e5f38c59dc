import DequeModule

/// What a pipeline asks of a call.
protocol PipelinePayload {
    var statementCount: Int { get }
    /// What to prepare for a statement; nil when it is not to be kept prepared.
    func statementKey(_ index: Int) -> StatementKey?
    /// A point read, whose Sync may be shared with other reads of the same tick.
    var sharesSync: Bool { get }
    /// Whether it may be sent again when the server certainly did nothing of it.
    var isRepeatable: Bool { get }
    /// Whether it stands outside any transaction when it begins, so that the connection may tidy up before it.
    var startsTransaction: Bool { get }
    var deadline: ContinuousClock.Instant { get }
}

/// One connection's pipeline as a value: calls and libpq's results in, actions out.
///
/// It keeps a slot for every message that the server will answer, in order; so an answer always belongs to the slot at
/// the head, also when its caller has gone. A Sync is a transaction boundary: point reads of a tick share one, every
/// other call owns its own and ends only with it, since the commit happens there. The server skips what follows an
/// error up to the Sync; neighbours' reads skipped that way are sent again, the second time with a Sync of their own.
struct Pipeline<Payload: PipelinePayload, Reply> {
    enum Action {
        case prepare(StatementName, Payload, statement: Int)
        /// Without a name the statement is parsed in the same go.
        case execute(StatementName?, Payload, statement: Int)
        case deallocate(StatementName)
        case sync
        case finish(Payload, Completion)
        /// The server answers what nobody asked: nothing that comes after can be trusted.
        case violation(String)
    }

    enum Completion {
        case reply(Reply)
        case replies([Reply])
        /// The server refused it; nothing of it is applied.
        case failed(Reply)
        /// Nothing of it took effect, nor will.
        case unsent(Cause)
        /// It was sent and its end is not known.
        case unanswered(Cause)
        /// Committed, but the server gave up waiting for its replicas; or it ended while committing.
        case commitUnconfirmed
    }

    enum Cause { case deadline, cancelled, connection }

    /// What libpq's result said.
    enum Answer: Equatable {
        case ok
        case error(SQLState, isFatal: Bool)
        /// Skipped after a neighbour's error (`PGRES_PIPELINE_ABORTED`).
        case aborted
    }

    struct CallID: Hashable, Sendable {
        fileprivate var index: Int
        fileprivate var generation: UInt32
    }

    private enum SlotKind { case parse, execute, deallocate, sync }

    private struct Slot {
        var kind: SlotKind
        var call: Int?
        var name: StatementName?
        var sentAt: ContinuousClock.Instant
        var answer: Answer?
        var reply: Reply?
    }

    private struct Call {
        /// Nil once its caller has its answer.
        var payload: Payload?
        var generation: UInt32
        var isSent = false
        var ownsSync = false
        var attempts = 0
        var replies: [Reply] = []
        var failure: Reply?
        var wasAborted = false
        /// A prepared statement was of no use: it is sent again, and unnamed.
        var mustParseAgain = false
        var isUnnamed = false
        var isUnconfirmed = false
    }

    /// Attempts with a shared Sync; after that a call gets its own, so that no neighbour can abort it for ever.
    private static var sharedAttempts: Int { 1 }
    private static var maximumAttempts: Int { 3 }

    private let maximumInFlight: Int
    private var calls: [Call] = []
    private var freeCalls: [Int] = []
    private var ready: Deque<Int> = []
    private var skipped: [Int] = []
    private var slots: Deque<Slot> = []
    private var statements: StatementCache
    private var deallocations: [StatementName] = []
    private var group: UInt64 = 0
    private var liveCalls = 0

    /// The earliest deadline among callers that wait, or an earlier moment.
    private(set) var nextDeadline: ContinuousClock.Instant?

    init(maximumInFlight: Int, maximumStatements: Int) {
        self.maximumInFlight = maximumInFlight
        statements = StatementCache(limit: maximumStatements)
    }

    /// Calls that hold a place, abandoned ones included.
    var callsInFlight: Int { calls.count - freeCalls.count }
    var hasRoom: Bool { callsInFlight < maximumInFlight }
    var isIdle: Bool { slots.isEmpty && ready.isEmpty }
    var expectsReply: Bool { !slots.isEmpty }
    var hasWorkToSend: Bool { !ready.isEmpty }
    var preparedStatements: Int { statements.count }
    /// When the message was sent whose answer has been owed the longest.
    var oldestSentAt: ContinuousClock.Instant? { slots.first?.sentAt }

    /// The same, if its caller has gone.
    var oldestAbandonedSentAt: ContinuousClock.Instant? {
        guard let slot = slots.first, let call = slot.call, calls[call].payload == nil else { return nil }
        return slot.sentAt
    }
}

// MARK: Calls

extension Pipeline {
    /// Takes a call to be sent with the next ``flush(now:into:)``. Ask ``hasRoom`` before.
    mutating func submit(_ payload: Payload) -> CallID {
        let index: Int
        if let free = freeCalls.popLast() {
            index = free
            calls[index] = Call(payload: payload, generation: calls[index].generation &+ 1)
        } else {
            index = calls.count
            calls.append(Call(payload: payload, generation: 0))
        }
        liveCalls += 1
        ready.append(index)
        nextDeadline = min(nextDeadline ?? payload.deadline, payload.deadline)
        return CallID(index: index, generation: calls[index].generation)
    }

    /// The caller goes. Its slots stay, and what is answered to them is dropped.
    mutating func abandon(_ id: CallID, _ cause: Cause, into actions: inout [Action]) {
        guard id.index < calls.count, calls[id.index].generation == id.generation else { return }
        settle(id.index, cause, &actions)
    }

    /// Ends the wait of callers whose deadline has passed.
    mutating func expire(now: ContinuousClock.Instant, into actions: inout [Action]) {
        guard let due = nextDeadline, due <= now else { return }
        nextDeadline = nil
        for index in calls.indices {
            guard let deadline = calls[index].payload?.deadline else { continue }
            if deadline <= now {
                settle(index, .deadline, &actions)
            } else {
                nextDeadline = min(nextDeadline ?? deadline, deadline)
            }
        }
    }

    /// The connection is gone: every caller that waits gets its answer, and the pipeline is empty.
    mutating func close(into actions: inout [Action]) {
        for index in calls.indices { settle(index, .connection, &actions) }
        calls = []
        freeCalls = []
        ready = []
        skipped = []
        slots = []
        nextDeadline = nil
    }

    private mutating func settle(_ index: Int, _ cause: Cause, _ actions: inout [Action]) {
        if let failure = calls[index].failure {
            finish(index, .failed(failure), &actions)
        } else {
            finish(index, calls[index].isSent ? .unanswered(cause) : .unsent(cause), &actions)
        }
    }

    private mutating func finish(_ index: Int, _ completion: Completion, _ actions: inout [Action]) {
        guard let payload = calls[index].payload else { return }
        calls[index].payload = nil
        calls[index].replies = []
        liveCalls -= 1
        actions.append(.finish(payload, completion))
    }

    private mutating func release(_ index: Int) {
        calls[index].payload = nil
        calls[index].generation &+= 1
        freeCalls.append(index)
        if liveCalls == 0 { nextDeadline = nil }
    }
}

// MARK: Sending

extension Pipeline {
    /// Sends what has gathered. Called once a tick, since each Sync is written out at once.
    mutating func flush(now: ContinuousClock.Instant, into actions: inout [Action]) {
        if let first = ready.first, calls[first].payload?.startsTransaction ?? false { tidy(now, &actions) }
        var isSharing = false
        while let index = ready.popFirst() {
            guard let payload = calls[index].payload else {
                release(index)
                continue
            }
            calls[index].attempts += 1
            let shares = payload.sharesSync && calls[index].attempts <= Self.sharedAttempts
            if isSharing, !shares {
                sync(nil, now, &actions)
                isSharing = false
            }
            if !isSharing { group += 1 }
            calls[index].ownsSync = !shares
            send(index, payload, now, &actions)
            if shares { isSharing = true } else { sync(index, now, &actions) }
        }
        if isSharing { sync(nil, now, &actions) }
    }

    /// Evicted statements go in a Sync of their own, where a failure hurts nobody.
    private mutating func tidy(_ now: ContinuousClock.Instant, _ actions: inout [Action]) {
        if deallocations.isEmpty { return }
        for name in deallocations {
            actions.append(.deallocate(name))
            slots.append(Slot(kind: .deallocate, name: name, sentAt: now))
        }
        deallocations = []
        sync(nil, now, &actions)
    }

    private mutating func send(
        _ index: Int, _ payload: Payload, _ now: ContinuousClock.Instant, _ actions: inout [Action]
    ) {
        calls[index].isSent = true
        for statement in 0..<payload.statementCount {
            var name: StatementName?
            if !calls[index].isUnnamed, let key = payload.statementKey(statement) {
                switch statements.lookup(key, group: group) {
                case .use(let known): name = known
                case .unnamed: break
                case .parse(let new, let evicted):
                    if let evicted { deallocations.append(evicted) }
                    actions.append(.prepare(new, payload, statement: statement))
                    slots.append(Slot(kind: .parse, call: index, name: new, sentAt: now))
                    name = new
                }
            }
            actions.append(.execute(name, payload, statement: statement))
            slots.append(Slot(kind: .execute, call: index, name: name, sentAt: now))
        }
    }

    private mutating func sync(_ call: Int?, _ now: ContinuousClock.Instant, _ actions: inout [Action]) {
        actions.append(.sync)
        slots.append(Slot(kind: .sync, call: call, sentAt: now))
    }
}

// MARK: Receiving

extension Pipeline {
    /// One result of the message at the head; ``receiveEnd(into:)`` ends them.
    mutating func receive(_ reply: Reply, _ answer: Answer, into actions: inout [Action]) {
        guard !slots.isEmpty else {
            actions.append(.violation("a result that no statement asked for"))
            return
        }
        if slots[0].kind == .sync {
            receiveAtSync(reply, answer, &actions)
            return
        }
        slots[0].answer = answer
        slots[0].reply = reply
    }

    /// An error where ReadyForQuery was due: the commit itself failed, as with a deferred constraint.
    private mutating func receiveAtSync(_ reply: Reply, _ answer: Answer, _ actions: inout [Action]) {
        guard case .error(_, let isFatal) = answer else {
            actions.append(.violation("a result in place of the end of a transaction"))
            return
        }
        guard let call = slots[0].call else { return }
        // A session that ends there may have committed before.
        if isFatal { calls[call].isUnconfirmed = true }
        calls[call].failure = reply
    }

    /// The server says that it has committed but could not hear of its replicas.
    mutating func noteUnconfirmedCommit() {
        if let call = slots.first?.call { calls[call].isUnconfirmed = true }
    }

    /// The message at the head has all its results.
    mutating func receiveEnd(into actions: inout [Action]) {
        // libpq also ends the error that came in place of a Sync's answer.
        guard let slot = slots.first, slot.kind != .sync else { return }
        slots.removeFirst()
        guard let answer = slot.answer else {
            actions.append(.violation("a statement that ended without a result"))
            return
        }
        switch slot.kind {
        case .parse: endParse(slot, answer)
        case .execute: endExecute(slot, answer, &actions)
        case .deallocate:
            if answer == .aborted, let name = slot.name { deallocations.append(name) }
        case .sync: break
        }
    }

    private mutating func endParse(_ slot: Slot, _ answer: Answer) {
        guard let name = slot.name, let call = slot.call else { return }
        if answer == .ok {
            statements.confirm(name)
            return
        }
        _ = statements.forget(name)
        if case .error = answer { calls[call].failure = slot.reply }
    }

    private mutating func endExecute(_ slot: Slot, _ answer: Answer, _ actions: inout [Action]) {
        guard let index = slot.call else { return }
        switch answer {
        case .ok:
            if calls[index].payload?.sharesSync ?? false, let reply = slot.reply {
                finish(index, .reply(reply), &actions)
            } else if let reply = slot.reply, calls[index].payload != nil {
                calls[index].replies.append(reply)
            }
        case .error(let state, _):
            calls[index].failure = slot.reply
            // The server lost the statement, or its plan no longer fits the table: parse it again, once.
            if let name = slot.name, state == .invalidStatementName || state == .featureNotSupported {
                if statements.forget(name), state == .featureNotSupported { deallocations.append(name) }
                calls[index].mustParseAgain = true
            }
        case .aborted: calls[index].wasAborted = true
        }
        // A read in a shared Sync ends here, whatever its neighbours do; everything else ends with its own Sync.
        if !calls[index].ownsSync { conclude(index, &actions) }
    }

    /// ReadyForQuery: the transaction at the head is over.
    mutating func receiveSync(into actions: inout [Action]) {
        guard let slot = slots.first, slot.kind == .sync else {
            actions.append(.violation("the end of a transaction before its statements were answered"))
            return
        }
        slots.removeFirst()
        if let call = slot.call { conclude(call, &actions) }
        for index in skipped.reversed() { ready.prepend(index) }
        skipped = []
    }

    /// A call's last answer has come: tell its caller, or have it sent again.
    private mutating func conclude(_ index: Int, _ actions: inout [Action]) {
        let call = calls[index]
        if let payload = call.payload, payload.isRepeatable, call.attempts < Self.maximumAttempts,
            call.mustParseAgain || (call.wasAborted && call.failure == nil)
        {
            calls[index].isSent = false
            calls[index].failure = nil
            calls[index].wasAborted = false
            calls[index].isUnnamed = call.isUnnamed || call.mustParseAgain
            calls[index].mustParseAgain = false
            calls[index].replies = []
            skipped.append(index)
            return
        }
        if call.isUnconfirmed {
            finish(index, .commitUnconfirmed, &actions)
        } else if let failure = call.failure {
            finish(index, .failed(failure), &actions)
        } else if call.wasAborted {
            finish(index, .unsent(.connection), &actions)
        } else {
            finish(index, .replies(call.replies), &actions)
        }
        release(index)
    }
}
