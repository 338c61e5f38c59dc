import Logging
import Synchronization

/// Point reads on a few pipelined connections: it takes them in from any thread, gives each to the connection with the
/// least to do, and keeps the rest in line.
actor PointReader: ReactorInlet {
    nonisolated let reactor: Reactor
    private nonisolated let inbox = Mutex(CallInbox())
    private let endpoint: PostgresEndpoint
    private let settings: PostgresSettings
    private let logger: Logger
    private let connectionCount: Int

    private var connections: [PostgresConnection] = []
    private var opening: [ObjectIdentifier: PostgresConnection] = [:]
    private var line: WaitingLine<PostgresCall>
    private var keeper: ConnectionKeeper
    /// What has come in and is being admitted.
    private var arrived: [PostgresCall] = []
    private var lastFailure = ""
    private var isStarted = false
    private var isClosed = false
    private var timer: (id: UInt64, moment: ContinuousClock.Instant)?
    /// The connection that calls go to for now: how many more before another look, and within which tick.
    private var favourite: (connection: PostgresConnection, calls: Int, tick: ContinuousClock.Instant)?

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    init(_ endpoint: PostgresEndpoint, connections: Int, settings: PostgresSettings, reactor: Reactor, logger: Logger) {
        self.endpoint = endpoint
        self.settings = settings
        self.reactor = reactor
        self.logger = logger
        connectionCount = connections
        line = WaitingLine(limit: settings.maximumQueuedReads * max(1, connections))
        keeper = ConnectionKeeper(
            maximum: connections, maximumConnecting: connections, minimumDelay: settings.minimumReconnectDelay,
            maximumDelay: settings.maximumReconnectDelay)
    }

    /// Takes a call from any thread.
    nonisolated func submit(_ call: PostgresCall) {
        if reactor.isOnLoop { return assumeIsolated { $0.admit(call) } }
        if inbox.withLock({ $0.append(call) }) { reactor.schedule(self) }
    }

    nonisolated func drain() {
        assumeIsolated { this in
            self.inbox.withLock { $0.takeAll(into: &this.arrived) }
            this.admit()
            this.arrived.removeAll(keepingCapacity: true)
        }
    }

    nonisolated func start() {
        reactor.execute {
            self.assumeIsolated {
                $0.isStarted = true
                $0.maintain()
            }
        }
    }

    func shutdown() {
        closeLine()
        for connection in connections + opening.values { connection.assumeIsolated { $0.close(.closed) } }
    }

    private func closeLine() {
        isClosed = true
        for call in line.removeAll() { refuse(call, .closed) }
    }

    /// Open connections and calls on them.
    func usage() -> (open: Int, inFlight: Int) {
        (connections.count, connections.reduce(0) { $0 + $1.assumeIsolated { $0.pipeline.callsInFlight } })
    }

    /// One call, on the loop. When there is no room at once, as many.
    private func admit(_ call: PostgresCall) {
        if !isClosed, line.isEmpty, !call.isCancelled, let connection = chosen() {
            return connection.assumeIsolated { $0.submit(call) }
        }
        arrived.append(call)
        admit()
        arrived.removeAll(keepingCapacity: true)
    }

    /// The connection with the most room; nil when none has any. It stays the choice until the next one has as much, or
    /// the tick is over: entering another actor costs a check, and each of a tick's calls would enter all of them.
    private func chosen() -> PostgresConnection? {
        let now = reactor.now
        if let favourite, favourite.calls > 0, favourite.tick == now {
            self.favourite?.calls -= 1
            return favourite.connection
        }
        var (most, second) = (0, 0)
        var best: PostgresConnection?
        for connection in connections {
            let room = connection.assumeIsolated { Self.room(in: $0, at: now) }
            if room > most {
                (most, second) = (room, most)
                best = connection
            } else {
                second = max(second, room)
            }
        }
        favourite = best.map { ($0, max(0, most - second - 1), now) }
        return best
    }

    private func admit() {
        // Its room was counted without these.
        favourite = nil
        let problem = admissionProblem()
        var rooms = problem == nil && line.isEmpty ? roomsOfConnections() : []
        for call in arrived {
            if call.isCancelled {
                refuse(call, .cancelled)
            } else if let problem {
                refuse(call, problem)
            } else if line.isEmpty, send(call, &rooms) {
                continue
            } else if line.isFull {
                refuse(call, .poolExhausted("\(line.count) point reads wait already"))
            } else {
                call.holder = self
                call.place = line.append(call, until: call.deadline)
            }
        }
        if !line.isEmpty { arm() }
    }

    /// Why nobody is admitted now; nil when there is hope.
    private func admissionProblem() -> PostgresError.Reason? {
        if isClosed { return .closed }
        if keeper.isDown { return .unavailable(lastFailure) }
        if connections.isEmpty { return nil }
        let now = reactor.now
        return connections.allSatisfy { $0.assumeIsolated { $0.isSilent(at: now) } } ? .unresponsive : nil
    }

    private func dispatch() {
        favourite = nil
        var rooms = line.isEmpty ? [] : roomsOfConnections()
        while !line.isEmpty, rooms.contains(where: { $0 > 0 }), let call = line.popFirst() { _ = send(call, &rooms) }
        arm()
    }

    /// How many calls more each connection takes now. Asked once for many calls: entering another actor costs a check.
    private func roomsOfConnections() -> [Int] {
        let now = reactor.now
        return connections.map { connection in connection.assumeIsolated { Self.room(in: $0, at: now) } }
    }

    private static func room(in connection: isolated PostgresConnection, at now: ContinuousClock.Instant) -> Int {
        connection.hasRoom && !connection.isStalled(at: now) ? connection.pipeline.room : 0
    }

    /// Gives the call to the connection with the most room.
    /// - Returns: false when none has any.
    private func send(_ call: PostgresCall, _ rooms: inout [Int]) -> Bool {
        var best = 0
        var most = 0
        for (index, room) in rooms.enumerated() where room > most {
            most = room
            best = index
        }
        guard most > 0 else { return false }
        rooms[best] = connections[best].assumeIsolated { connection in
            connection.submit(call)
            return connection.hasRoom ? connection.pipeline.room : 0
        }
        return true
    }

    private func refuse(_ call: PostgresCall, _ reason: PostgresError.Reason) {
        call.finish(.failure(PostgresError(outcome: .notSent, reason: reason, node: endpoint.name)))
    }
}

extension PointReader: CallHolder {
    nonisolated func cancel(_ call: PostgresCall) {
        assumeIsolated { this in
            guard let place = call.place, this.line.remove(place) != nil else { return }
            this.refuse(call, .cancelled)
        }
    }
}

extension PointReader: ConnectionOwner {
    nonisolated func connectionOpened(_ connection: PostgresConnection) {
        assumeIsolated { this in
            this.opening[ObjectIdentifier(connection)] = nil
            this.connections.append(connection)
            this.keeper.opened()
            this.maintain()
            this.dispatch()
        }
    }

    nonisolated func connectionHasRoom(_ connection: PostgresConnection) {
        assumeIsolated { this in
            if !this.line.isEmpty { this.dispatch() }
        }
    }

    nonisolated func connectionClosed(
        _ connection: PostgresConnection, wasOpen: Bool, _ reason: PostgresError.Reason
    ) {
        assumeIsolated { this in
            this.connections.removeAll { $0 === connection }
            this.favourite = nil
            this.opening[ObjectIdentifier(connection)] = nil
            if case .closed = reason { this.closeLine() } else { this.log(reason, wasOpen: wasOpen) }
            let now = this.reactor.now
            let random = this.reactor.environment.random()
            if wasOpen {
                this.keeper.lost(now: now, random: random)
            } else {
                this.lastFailure = reason.description
                this.keeper.failed(now: now, random: random)
            }
            if this.keeper.isDown {
                for call in this.line.removeAll() { this.refuse(call, .unavailable(this.lastFailure)) }
            }
            this.maintain()
        }
    }

    /// Once for each outage: further failed attempts say nothing new.
    private func log(_ reason: PostgresError.Reason, wasOpen: Bool) {
        logger.log(level: wasOpen ? .warning : .debug, "connection for point reads: \(reason)")
    }

    /// Opens what is missing, now or when the pause is over.
    private func maintain() {
        guard isStarted, !isClosed else { return }
        for _ in 0..<keeper.attempts(wanted: connectionCount, now: reactor.now) {
            let connection = PostgresConnection(
                endpoint, role: .reads, settings: settings, reactor: reactor, owner: self)
            opening[ObjectIdentifier(connection)] = connection
            connection.assumeIsolated { $0.connect() }
        }
        arm()
    }

    private func arm() {
        var due = keeper.retryAt
        if let expiry = line.nextExpiry { due = min(due ?? expiry, expiry) }
        guard let due, !isClosed else { return }
        if let timer, timer.moment <= due { return }
        if let timer { reactor.cancelSchedule(timer.id) }
        timer = (reactor.schedule(at: due) { [weak self] in self?.assumeIsolated { $0.timerDue() } }, due)
    }

    private func timerDue() {
        timer = nil
        for call in line.expire(now: reactor.now) { refuse(call, .deadlineExceeded) }
        maintain()
        dispatch()
    }
}
