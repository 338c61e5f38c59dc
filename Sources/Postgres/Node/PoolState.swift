/// The pool's decisions as a value: who gets which connection, when to open another, whom to turn away.
struct PoolState<Waiter, Connection: Hashable> {
    enum Action {
        case assign(Waiter, Connection)
        case open
        case refuse(Waiter, PostgresError.Reason)
    }

    private let limits: PostgresSettings
    private var line: WaitingLine<Waiter>
    private var keeper: ConnectionKeeper
    private var idle: [Connection] = []
    private var busy: Set<Connection> = []
    private var lastFailure = ""
    private var isClosed = false

    init(_ limits: PostgresSettings) {
        self.limits = limits
        line = WaitingLine(limit: limits.maximumPoolWaiters)
        keeper = ConnectionKeeper(
            maximum: limits.maximumPoolConnections, maximumConnecting: limits.maximumPoolConnecting,
            minimumDelay: limits.minimumReconnectDelay, maximumDelay: limits.maximumReconnectDelay)
    }

    var openConnections: Int { keeper.open }
    var busyConnections: Int { busy.count }
    var waiters: Int { line.count }

    /// When to call ``timePassed(now:into:)`` next.
    var nextDue: ContinuousClock.Instant? {
        // A closed pool opens nothing, so that a retry that was due would be due for ever.
        if isClosed { return nil }
        guard let retry = keeper.retryAt else { return line.nextExpiry }
        return line.nextExpiry.map { min($0, retry) } ?? retry
    }

    /// Somebody wants a connection.
    /// - Returns: the place in line, when it has to wait.
    mutating func submit(
        _ waiter: Waiter, deadline: ContinuousClock.Instant, now: ContinuousClock.Instant, into actions: inout [Action]
    ) -> WaitingLine<Waiter>.Place? {
        if isClosed {
            actions.append(.refuse(waiter, .closed))
        } else if let connection = idle.popLast() {
            busy.insert(connection)
            actions.append(.assign(waiter, connection))
        } else if keeper.isDown {
            actions.append(.refuse(waiter, .unavailable(lastFailure)))
        } else if line.isFull {
            actions.append(.refuse(waiter, .poolExhausted("\(line.count) callers wait already")))
        } else {
            // The pool's patience is for connections that are busy; the first ones are waited for until the deadline.
            let patience = keeper.open > 0 ? now + limits.maximumPoolWait : deadline
            let place = line.append(waiter, until: min(deadline, patience))
            openMissing(now, &actions)
            return place
        }
        return nil
    }

    /// The waiter leaves the line; nil when it no longer stands there.
    mutating func leave(_ place: WaitingLine<Waiter>.Place) -> Waiter? { line.remove(place) }

    mutating func start(now: ContinuousClock.Instant, into actions: inout [Action]) { openMissing(now, &actions) }

    mutating func opened(_ connection: Connection, now: ContinuousClock.Instant, into actions: inout [Action]) {
        keeper.opened()
        busy.insert(connection)
        freed(connection, into: &actions)
        openMissing(now, &actions)
    }

    /// A busy connection has nothing left to do: the first in line gets it.
    mutating func freed(_ connection: Connection, into actions: inout [Action]) {
        guard busy.contains(connection) else { return }
        if let waiter = line.popFirst() {
            actions.append(.assign(waiter, connection))
        } else {
            busy.remove(connection)
            idle.append(connection)
        }
    }

    /// - Parameter random: from 0 up to 1.
    mutating func lost(
        _ connection: Connection, wasOpen: Bool, _ reason: PostgresError.Reason, now: ContinuousClock.Instant,
        random: Double, into actions: inout [Action]
    ) {
        busy.remove(connection)
        idle.removeAll { $0 == connection }
        if wasOpen {
            keeper.lost(now: now, random: random)
        } else {
            lastFailure = reason.description
            keeper.failed(now: now, random: random)
        }
        if keeper.isDown {
            for waiter in line.removeAll() { actions.append(.refuse(waiter, .unavailable(lastFailure))) }
        }
        openMissing(now, &actions)
    }

    /// Turns away whose time is over, and connects again when the pause is.
    /// - Parameter deadline: the waiter's own, which tells its end from that of the pool's patience.
    mutating func timePassed(
        now: ContinuousClock.Instant, deadline: (Waiter) -> ContinuousClock.Instant, into actions: inout [Action]
    ) {
        for waiter in line.expire(now: now) {
            let limit = "none of \(keeper.open) was free within \(limits.maximumPoolWait)"
            actions.append(.refuse(waiter, deadline(waiter) <= now ? .deadlineExceeded : .poolExhausted(limit)))
        }
        openMissing(now, &actions)
    }

    mutating func close(into actions: inout [Action]) {
        isClosed = true
        for waiter in line.removeAll() { actions.append(.refuse(waiter, .closed)) }
    }

    private mutating func openMissing(_ now: ContinuousClock.Instant, _ actions: inout [Action]) {
        if isClosed { return }
        let wanted = max(limits.minimumPoolConnections, busy.count + line.count)
        for _ in 0..<keeper.attempts(wanted: wanted, now: now) { actions.append(.open) }
    }
}
