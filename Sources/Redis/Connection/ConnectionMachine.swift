/// What one connection does, as a value: events come in, actions go out, and nothing else happens. The shell is
/// ``RedisConnection``.
///
/// Each channel has a generation; events of an earlier channel than the present one change nothing, so a reply that
/// comes late on a dropped connection reaches nobody.
struct ConnectionMachine<Caller> {
    typealias Instant = ContinuousClock.Instant

    /// What the shell is to do.
    enum Action {
        /// Open a channel and report ``opened(generation:now:)`` or ``lost(_:generation:now:random:)``.
        case connect(generation: Int)
        /// Write this, and only this, first.
        case logIn([UInt8])
        /// Call ``send(now:_:)``: there are commands to write.
        case flush
        case answer(Caller, Result<RedisValue, RedisError>)
        /// Close the channel of this generation.
        case close(generation: Int)
        /// Log that the connection is there.
        case reportReady
        /// Log that it is lost, or was not made, so many times in a row.
        case reportLost(RedisError.Reason, failures: Int)
    }

    enum Phase: Equatable {
        case idle
        case connecting(until: Instant)
        case loggingIn(until: Instant, repliesLeft: Int)
        case ready(since: Instant)
        case waiting(until: Instant)
        case closed
    }

    private let node: String
    private let settings: RedisSettings
    private let backoff: Backoff
    /// What is sent on each new channel, and how many replies it brings.
    private let logIn: (bytes: [UInt8], replies: Int)
    private(set) var phase = Phase.idle
    private(set) var generation = 0
    private(set) var queue = ReplyQueue<Caller>()
    /// Attempts in a row that did not lead to a connection that lasted.
    private var failures = 0
    private var lastFailure = ""

    init(node: String, settings: RedisSettings, logIn: (bytes: [UInt8], replies: Int)) {
        self.node = node
        self.settings = settings
        self.logIn = logIn
        backoff = Backoff(base: settings.reconnectBase, maximum: settings.reconnectMaximum)
    }

    var isReady: Bool {
        if case .ready = phase { true } else { false }
    }

    /// The next instant at which ``tick(now:random:)`` has something to do.
    var nextWake: Instant? {
        if phase == .closed { return nil }
        var wake = queue.earliestDeadline
        func consider(_ instant: Instant) { wake = wake.map { min($0, instant) } ?? instant }
        switch phase {
        case .idle, .closed: break
        case .connecting(let until), .loggingIn(let until, _), .waiting(let until): consider(until)
        case .ready: if let oldest = queue.oldestSentAt { consider(oldest + settings.dropAfter) }
        }
        return wake
    }

    // MARK: Callers

    /// Takes a command in, to be sent by the next ``send(now:_:)``, or says why not; then it has had no effect.
    mutating func submit(
        _ caller: Caller, _ bytes: [UInt8], _ shape: ReplyShape, deadline: Instant, now: Instant
    ) -> Result<UInt64, RedisError> {
        if let refusal = refusal(bytes.count, deadline: deadline, now: now) {
            return .failure(RedisError(.notSent, refusal, node: node))
        }
        return .success(queue.append(caller, bytes, shape, deadline: deadline))
    }

    private func refusal(_ byteCount: Int, deadline: Instant, now: Instant) -> RedisError.Reason? {
        switch phase {
        case .idle, .closed: return .closed
        // Commands wait for the first attempt only: while attempts fail, callers learn it at once.
        case .connecting, .loggingIn, .waiting: if failures > 0 { return .notConnected(lastFailure) }
        case .ready: if let oldest = queue.oldestSentAt, now - oldest > settings.overdueAfter { return .overdue }
        }
        if deadline <= now { return .deadlineExceeded }
        if queue.count >= settings.maximumPendingCommands {
            return .limitReached("\(settings.maximumPendingCommands) commands without an answer")
        }
        if queue.byteCount + byteCount > settings.maximumPendingBytes {
            return .limitReached("\(settings.maximumPendingBytes) bytes of commands without an answer")
        }
        return nil
    }

    /// The caller's task was cancelled.
    mutating func cancel(_ ticket: UInt64) -> [Action] {
        guard let (caller, wasSent) = queue.giveUp(ticket) else { return [] }
        return [.answer(caller, .failure(RedisError(wasSent ? .unknown : .notSent, .cancelled, node: node)))]
    }

    /// Hands out the bytes of all commands that wait to be sent; from here on their outcome is the server's.
    mutating func send(now: Instant, _ write: ([UInt8]) -> Void) {
        guard isReady else { return }
        queue.send(at: now, write)
    }

    // MARK: The channel

    mutating func start(now: Instant) -> [Action] {
        guard phase == .idle else { return [] }
        return connect(now)
    }

    /// The channel is open: log in.
    mutating func opened(generation: Int, now: Instant) -> [Action] {
        guard generation == self.generation, case .connecting(let until) = phase else {
            return [.close(generation: generation)]
        }
        phase = .loggingIn(until: until, repliesLeft: logIn.replies)
        return [.logIn(logIn.bytes)]
    }

    /// Replies came, in this order.
    mutating func received(_ values: [RedisValue], generation: Int, now: Instant, random: Double) -> [Action] {
        guard generation == self.generation else { return [] }
        var actions: [Action] = []
        actions.reserveCapacity(values.count)
        for value in values {
            switch phase {
            case .loggingIn(let until, let left):
                if case .error(let error) = value {
                    return actions + fail(.connectionLost("log-in: \(error.message)"), now, random)
                }
                if left > 1 {
                    phase = .loggingIn(until: until, repliesLeft: left - 1)
                } else {
                    phase = .ready(since: now)
                    actions.append(.reportReady)
                    if queue.hasUnsent { actions.append(.flush) }
                }
            case .ready:
                guard let place = queue.popSent() else {
                    let reason = RedisError.Reason.protocolViolation("\(value.kind) that nobody asked for")
                    return actions + fail(reason, now, random)
                }
                guard place.shape.allows(value) else {
                    let reason = RedisError.Reason.protocolViolation("\(value.kind) where another kind was due")
                    let error = RedisError(.unknown, reason, node: node)
                    if let caller = place.caller { actions.append(.answer(caller, .failure(error))) }
                    return actions + fail(reason, now, random)
                }
                if let caller = place.caller { actions.append(.answer(caller, .success(value))) }
            default:
                return actions
            }
        }
        return actions
    }

    /// The channel could not be opened, or broke, or sent what is no reply.
    mutating func lost(_ reason: RedisError.Reason, generation: Int, now: Instant, random: Double) -> [Action] {
        guard generation == self.generation else { return [] }
        switch phase {
        case .idle, .waiting, .closed: return []
        case .connecting, .loggingIn, .ready: return fail(reason, now, random)
        }
    }

    // MARK: Time

    /// Time has passed: gives up for callers, drops a connection that answers no more, begins the next attempt.
    mutating func tick(now: Instant, random: Double) -> [Action] {
        var actions: [Action] = []
        queue.expire(at: now) { [node] caller, wasSent in
            let error = RedisError(wasSent ? .unknown : .notSent, .deadlineExceeded, node: node)
            actions.append(.answer(caller, .failure(error)))
        }
        switch phase {
        case .connecting(let until) where until <= now, .loggingIn(let until, _) where until <= now:
            actions += fail(.connectionLost("no connection within \(settings.connectTimeout)"), now, random)
        case .ready:
            if let oldest = queue.oldestSentAt, oldest + settings.dropAfter <= now {
                actions += fail(.connectionLost("no reply within \(settings.dropAfter)"), now, random)
            }
        case .waiting(let until) where until <= now:
            actions += connect(now)
        default:
            break
        }
        return actions
    }

    /// Ends everything; nothing happens afterwards.
    mutating func shutdown() -> [Action] {
        guard phase != .closed else { return [] }
        var actions: [Action] = [.close(generation: generation)]
        phase = .closed
        generation += 1
        let unknown = RedisError(.unknown, .closed, node: node)
        let notSent = RedisError(.notSent, .closed, node: node)
        queue.removeSent { actions.append(.answer($0, .failure(unknown))) }
        queue.removeUnsent { actions.append(.answer($0, .failure(notSent))) }
        return actions
    }

    private mutating func connect(_ now: Instant) -> [Action] {
        generation += 1
        phase = .connecting(until: now + settings.connectTimeout)
        return [.connect(generation: generation)]
    }

    /// Leaves the channel. What was sent ends unknown; what was not is kept for one attempt, if this was the first
    /// loss.
    private mutating func fail(_ reason: RedisError.Reason, _ now: Instant, _ random: Double) -> [Action] {
        var actions: [Action] = [.close(generation: generation)]
        let hadLasted = if case .ready(let since) = phase { now - since >= settings.dropAfter } else { false }
        failures = hadLasted ? 0 : failures + 1
        lastFailure = "\(reason)"
        actions.append(.reportLost(reason, failures: failures))
        let unknown = RedisError(.unknown, reason, node: node)
        let notSent = RedisError(.notSent, reason, node: node)
        queue.removeSent { actions.append(.answer($0, .failure(unknown))) }
        if failures == 0 { return actions + connect(now) }
        queue.removeUnsent { actions.append(.answer($0, .failure(notSent))) }
        // Events of the channel that is left must find no listener, also while waiting.
        generation += 1
        phase = .waiting(until: now + backoff.delay(after: failures, random: random))
        return actions
    }
}
