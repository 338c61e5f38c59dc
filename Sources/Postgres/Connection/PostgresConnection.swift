import CLibPQ
import Logging

/// One connection: an actor pinned to the reactor's thread, a thin shell around libpq and a ``Pipeline``.
///
/// It connects once; when it is lost, its owner makes another. The reactor holds it while its socket is watched.
actor PostgresConnection {
    enum Phase { case new, connecting, open, closed }

    nonisolated let reactor: Reactor
    nonisolated let endpoint: PostgresEndpoint
    nonisolated let role: ConnectionRole
    let settings: PostgresSettings

    var phase = Phase.new
    var libpq: LibPQ?
    var pipeline: Pipeline<PostgresCall, ResultStorage>
    /// What runs outside pipeline mode, if anything does.
    var exchange: SimpleExchange?
    /// How it ended, when nobody waited at that moment.
    var lateAnswer: SimpleExchange.Answer?
    /// The server's statement_timeout as this session has set it; nil when not known.
    var statementTimeout: Duration?
    /// When bytes last came.
    var lastReceivedAt: ContinuousClock.Instant

    var owner: (any ConnectionOwner)?
    var watchedSocket: Int32?
    var interest: Interest = []
    var timer: (id: UInt64, moment: ContinuousClock.Instant)?
    /// Why it was closed.
    var closeReason: PostgresError.Reason?
    private var isDirty = false
    private var spareActions: [PipelineAction] = []
    private var mustCancelAndClose = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    init(
        _ endpoint: PostgresEndpoint, role: ConnectionRole, settings: PostgresSettings, reactor: Reactor,
        owner: any ConnectionOwner
    ) {
        self.endpoint = endpoint
        self.role = role
        self.settings = settings
        self.reactor = reactor
        self.owner = owner
        lastReceivedAt = reactor.now
        pipeline = Pipeline(
            // One caller's unit, and the setting of its time limit before it.
            maximumInFlight: role == .reads ? settings.maximumReadsInFlight : 2,
            maximumStatements: settings.maximumPreparedStatements)
    }
}

// MARK: Work

extension PostgresConnection: CallHolder {
    var hasRoom: Bool { phase == .open && exchange == nil && pipeline.hasRoom }

    /// Nothing is owed and no transaction is open.
    var isIdle: Bool {
        phase == .open && exchange == nil && pipeline.isIdle && (libpq?.isOutsideTransaction ?? false)
    }

    /// The oldest reply has been owed for too long to add to it.
    func isStalled(at now: ContinuousClock.Instant) -> Bool {
        guard let oldest = pipeline.oldestSentAt else { return false }
        return now - oldest > settings.stallLimit
    }

    /// Stalled, and not a byte has come meanwhile.
    func isSilent(at now: ContinuousClock.Instant) -> Bool {
        isStalled(at: now) && now - lastReceivedAt > settings.stallLimit
    }

    /// Takes a call, to be sent at the end of the tick.
    func submit(_ call: PostgresCall) {
        guard phase == .open, exchange == nil else {
            call.finish(.failure(error(.notSent, .closed)))
            return
        }
        if call.isCancelled {
            call.finish(.failure(error(.notSent, .cancelled)))
            return
        }
        if call.kind == .unit || call.kind == .begin { limitOnServer(call.deadline) }
        call.holder = self
        call.id = pipeline.submit(call)
        setDirty()
    }

    nonisolated func cancel(_ call: PostgresCall) {
        assumeIsolated { this in
            guard let id = call.id else { return }
            this.act { pipeline, actions in pipeline.abandon(id, .cancelled, into: &actions) }
            this.arm()
        }
    }

    /// Has the server end the call slightly before its caller stops waiting. The limit stays for the session, and is
    /// only set anew when it no longer fits: it must lie between 80 % and 95 % of the time that is left.
    private func limitOnServer(_ deadline: ContinuousClock.Instant) {
        let left = max(.milliseconds(1), deadline - reactor.now)
        if let current = statementTimeout, current <= left * 0.95, current >= left * 0.8 { return }
        let limit = left * 0.9
        statementTimeout = limit
        let text = "\(limit.wholeMilliseconds)"
        let query: Query = "SELECT set_config('statement_timeout', \(text), false)"
        _ = pipeline.submit(PostgresCall(.setting, query, deadline: deadline))
    }

    func setDirty() {
        if isDirty { return }
        isDirty = true
        reactor.atTickEnd(self)
    }
}

extension PostgresConnection: ReactorFlusher {
    nonisolated func flushAtTickEnd() {
        assumeIsolated { this in
            this.isDirty = false
            guard this.phase == .open else { return }
            let now = this.reactor.now
            this.act { pipeline, actions in pipeline.flush(now: now, into: &actions) }
            this.writeOut()
            this.arm()
        }
    }
}

// MARK: The pipeline's actions

extension PostgresConnection {
    /// Has the pipeline decide, then does it.
    func act(_ decide: (inout Pipeline<PostgresCall, ResultStorage>, inout [PipelineAction]) -> Void) {
        // An action may lead to further ones: they get a list of their own.
        var actions: [PipelineAction] = []
        swap(&actions, &spareActions)
        decide(&pipeline, &actions)
        for action in actions { perform(action) }
        actions.removeAll(keepingCapacity: true)
        swap(&actions, &spareActions)
        if mustCancelAndClose {
            mustCancelAndClose = false
            cancelOnServer()
            close(.deadlineExceeded)
        }
    }

    private func perform(_ action: PipelineAction) {
        if case .finish(let call, let completion) = action {
            finish(call, completion)
            return
        }
        guard let libpq, phase == .open else { return }
        let isSent: Bool
        switch action {
        case .prepare(let name, let call, let statement): isSent = call.prepare(statement, as: name, on: libpq)
        case .execute(let name, let call, let statement): isSent = call.execute(statement, as: name, on: libpq)
        case .deallocate(let name): isSent = libpq.deallocate(name)
        case .sync: isSent = libpq.sync()
        case .finish: return
        case .violation(let problem):
            close(.protocolViolation(problem))
            return
        }
        if !isSent { close(.connectionLost(libpq.errorMessage)) }
    }

    private func finish(_ call: PostgresCall, _ completion: PipelineCompletion) {
        switch completion {
        case .reply(let result): call.finish(.success(.rows(Rows(result))))
        case .replies(let results): call.finish(.success(.unit(results.map { Rows($0) })))
        case .failed(let result):
            if call.kind == .setting { statementTimeout = nil }
            let reason = ServerError(result).map { PostgresError.Reason.server($0) }
            call.finish(.failure(error(.failed, reason ?? .connectionLost(result.errorMessage))))
        case .unsent(let cause):
            if call.kind == .setting { statementTimeout = nil }
            call.finish(.failure(error(.notSent, reason(cause))))
        case .unanswered(let cause):
            call.finish(.failure(error(outcomeUnanswered(call), reason(cause))))
            // Inside a transaction nothing is committed yet: the server is told to stop, and forgets it all.
            if cause != .connection, call.kind == .begin || call.kind == .statement { mustCancelAndClose = true }
        case .commitUnconfirmed: call.finish(.failure(error(.unknown, .commitUnconfirmed)))
        }
    }

    private func outcomeUnanswered(_ call: PostgresCall) -> PostgresError.Outcome {
        switch call.kind {
        case .begin, .statement, .rollback: .failed
        case .read, .unit, .commit, .setting, .lease: .unknown
        }
    }

    private func reason(_ cause: PipelineCause) -> PostgresError.Reason {
        switch cause {
        case .deadline: .deadlineExceeded
        case .cancelled: .cancelled
        case .connection: closeReason ?? .closed
        }
    }

    func error(_ outcome: PostgresError.Outcome, _ reason: PostgresError.Reason) -> PostgresError {
        PostgresError(outcome: outcome, reason: reason, node: endpoint.name)
    }
}

typealias PipelineAction = Pipeline<PostgresCall, ResultStorage>.Action
typealias PipelineCompletion = Pipeline<PostgresCall, ResultStorage>.Completion
typealias PipelineCause = Pipeline<PostgresCall, ResultStorage>.Cause
