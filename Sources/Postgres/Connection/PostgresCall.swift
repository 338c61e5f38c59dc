/// One caller's request on its way to the server and back.
///
/// `@unchecked Sendable`: the constants are set before it is shared; the continuation is set by the caller before the
/// call is handed over under a lock; from then on everything belongs to the reactor's thread.
final class PostgresCall: PipelinePayload, @unchecked Sendable {
    enum Kind {
        /// A point read, in a Sync shared with others.
        case read
        /// A transaction of its own.
        case unit
        /// The first statement of a leased transaction, with its BEGIN.
        case begin
        /// A further statement of a leased transaction.
        case statement
        case commit
        case rollback
        /// Sets the session's statement_timeout before a unit, in a transaction of its own: inside the unit's it would
        /// be undone with it, and keep out statements that want a transaction to themselves.
        case setting
        /// Wants a connection, not an answer.
        case lease
    }

    enum Value {
        case rows(Rows)
        case unit([Rows])
        case lease(PostgresConnection)
    }

    typealias Answer = Result<Value, PostgresError>

    let kind: Kind
    let deadline: ContinuousClock.Instant
    private let first: Query
    private let rest: [Query]

    var continuation: UnsafeContinuation<Answer, Never>?
    /// Who is to be told when the caller goes; let go of with the answer.
    var holder: (any CallHolder)?
    /// Its place in the pipeline of the connection that holds it.
    var id: Pipeline<PostgresCall, ResultStorage>.CallID?
    /// Its place in the line of the pool or reader that holds it.
    var place: WaitingLine<PostgresCall>.Place?
    private(set) var isCancelled = false

    init(_ kind: Kind, _ first: Query, _ rest: [Query] = [], deadline: ContinuousClock.Instant) {
        self.kind = kind
        self.first = first
        self.rest = rest
        self.deadline = deadline
    }

    var sharesSync: Bool { kind == .read }
    var isRepeatable: Bool { kind == .read || kind == .unit }
    var startsTransaction: Bool { kind == .read || kind == .unit || kind == .begin || kind == .setting }
    var statementCount: Int { 1 + rest.count }

    func statementKey(_ index: Int) -> StatementKey? {
        index == 0 ? first.statementKey : rest[index - 1].statementKey
    }

    func prepare(_ index: Int, as name: StatementName, on libpq: LibPQ) -> Bool {
        index == 0 ? libpq.prepare(name, first) : libpq.prepare(name, rest[index - 1])
    }

    func execute(_ index: Int, as name: StatementName?, on libpq: LibPQ) -> Bool {
        index == 0 ? libpq.execute(name, first) : libpq.execute(name, rest[index - 1])
    }

    /// Gives the caller its answer; only the first one counts.
    func finish(_ answer: Answer) {
        continuation?.resume(returning: answer)
        continuation = nil
        holder = nil
    }

    /// The caller's task was cancelled. On the reactor.
    func cancel() {
        isCancelled = true
        holder?.cancel(self)
    }

    /// Hands the call over and waits for its answer; a cancelled task stops waiting.
    func wait(on reactor: Reactor, _ handOver: (PostgresCall) -> Void) async -> Answer {
        await withTaskCancellationHandler {
            // Unsafe, since this is on every call's path: `finish` resumes it once, and every holder finishes what it
            // holds when it closes.
            await withUnsafeContinuation { continuation in
                self.continuation = continuation
                handOver(self)
            }
        } onCancel: {
            reactor.execute { self.cancel() }
        }
    }
}

/// Whoever has a call in hand.
protocol CallHolder: AnyObject, Sendable {
    /// The caller has gone. On the reactor.
    func cancel(_ call: PostgresCall)
}
