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
        var index: Int
        var generation: UInt32
    }

    enum SlotKind { case parse, execute, deallocate, sync }

    struct Slot {
        var kind: SlotKind
        var call: Int?
        var name: StatementName?
        var sentAt: ContinuousClock.Instant
        var answer: Answer?
        var reply: Reply?
    }

    struct Call {
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
    static var sharedAttempts: Int { 1 }
    static var maximumAttempts: Int { 3 }

    private let maximumInFlight: Int
    var calls: [Call] = []
    var freeCalls: [Int] = []
    var ready: Deque<Int> = []
    var skipped: [Int] = []
    var slots: Deque<Slot> = []
    var statements: StatementCache
    var deallocations: [StatementName] = []
    var group: UInt64 = 0
    var liveCalls = 0

    /// The earliest deadline among callers that wait, or an earlier moment.
    var nextDeadline: ContinuousClock.Instant?

    init(maximumInFlight: Int, maximumStatements: Int) {
        self.maximumInFlight = maximumInFlight
        statements = StatementCache(limit: maximumStatements)
    }

    /// Calls that hold a place, abandoned ones included.
    var callsInFlight: Int { calls.count - freeCalls.count }
    /// How many calls more may be in flight.
    var room: Int { maximumInFlight - callsInFlight }
    var hasRoom: Bool { room > 0 }
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
