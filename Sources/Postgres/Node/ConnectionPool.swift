import Logging
import Synchronization

/// Connections that serve one caller at a time: a thin shell around ``PoolState``. A call waits here itself and goes
/// straight to the connection that becomes free.
actor ConnectionPool: ReactorInlet {
    nonisolated let reactor: Reactor
    private nonisolated let inbox = Mutex(CallInbox())
    private let endpoint: PostgresEndpoint
    private let settings: PostgresSettings
    private let logger: Logger

    private var state: PoolState<PostgresCall, ObjectIdentifier>
    private var connections: [ObjectIdentifier: PostgresConnection] = [:]
    /// What has come in and is being admitted.
    private var arrived: [PostgresCall] = []
    private var leased: Set<ObjectIdentifier> = []
    private var timer: (id: UInt64, moment: ContinuousClock.Instant)?

    private typealias Action = PoolState<PostgresCall, ObjectIdentifier>.Action

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    init(_ endpoint: PostgresEndpoint, settings: PostgresSettings, reactor: Reactor, logger: Logger) {
        self.endpoint = endpoint
        self.settings = settings
        self.reactor = reactor
        self.logger = logger
        state = PoolState(settings)
    }

    nonisolated func start() {
        reactor.execute { self.assumeIsolated { pool in pool.act { $0.start(now: pool.reactor.now, into: &$1) } } }
    }

    /// Takes a call from any thread.
    nonisolated func submit(_ call: PostgresCall) {
        if inbox.withLock({ $0.append(call) }) { reactor.schedule(self) }
    }

    nonisolated func drain() {
        assumeIsolated { pool in
            self.inbox.withLock { $0.takeAll(into: &pool.arrived) }
            for call in pool.arrived { pool.admit(call) }
            pool.arrived.removeAll(keepingCapacity: true)
        }
    }

    /// A leased connection comes back. It is free once nothing is owed on it and no transaction is open.
    nonisolated func release(_ connection: PostgresConnection) {
        reactor.execute {
            self.assumeIsolated { pool in
                guard pool.leased.remove(ObjectIdentifier(connection)) != nil else { return }
                pool.settle(connection)
            }
        }
    }

    func shutdown() {
        act { $0.close(into: &$1) }
        for connection in connections.values { connection.assumeIsolated { $0.close(.closed) } }
    }

    func usage() -> (open: Int, busy: Int, waiters: Int) {
        (state.openConnections, state.busyConnections, state.waiters)
    }

    private func admit(_ call: PostgresCall) {
        if call.isCancelled {
            refuse(call, .cancelled)
            return
        }
        call.holder = self
        act { call.place = $0.submit(call, deadline: call.deadline, now: reactor.now, into: &$1) }
    }

    private func act(_ decide: (inout PoolState<PostgresCall, ObjectIdentifier>, inout [Action]) -> Void) {
        var actions: [Action] = []
        decide(&state, &actions)
        for action in actions {
            switch action {
            case .assign(let call, let id): assign(call, id)
            case .refuse(let call, let reason): refuse(call, reason)
            case .open: open()
            }
        }
        arm()
    }

    private func assign(_ call: PostgresCall, _ id: ObjectIdentifier) {
        guard let connection = connections[id] else { return }
        if call.kind == .lease {
            leased.insert(id)
            call.finish(.success(.lease(connection)))
        } else {
            connection.assumeIsolated { $0.submit(call) }
        }
    }

    private func open() {
        let connection = PostgresConnection(endpoint, role: .pool, settings: settings, reactor: reactor, owner: self)
        connections[ObjectIdentifier(connection)] = connection
        connection.assumeIsolated { $0.connect() }
    }

    private func refuse(_ call: PostgresCall, _ reason: PostgresError.Reason) {
        call.finish(.failure(PostgresError(outcome: .notSent, reason: reason, node: endpoint.name)))
    }

    /// Frees a connection that has nothing left to do; one whose caller left a transaction open is of no more use.
    private func settle(_ connection: PostgresConnection) {
        let id = ObjectIdentifier(connection)
        if leased.contains(id) { return }
        enum Use { case free, busy, spoiled }
        let use = connection.assumeIsolated { connection -> Use in
            if connection.isIdle { return .free }
            return connection.hasRoom && connection.pipeline.isIdle ? .spoiled : .busy
        }
        switch use {
        case .free: act { $0.freed(id, into: &$1) }
        case .spoiled: connection.assumeIsolated { $0.close(.connectionLost("its transaction was left open")) }
        case .busy: break
        }
    }
}

extension ConnectionPool: CallHolder {
    nonisolated func cancel(_ call: PostgresCall) {
        assumeIsolated { pool in
            guard let place = call.place, pool.state.leave(place) != nil else { return }
            pool.refuse(call, .cancelled)
        }
    }
}

extension ConnectionPool: ConnectionOwner {
    nonisolated func connectionOpened(_ connection: PostgresConnection) {
        assumeIsolated { pool in
            pool.act { $0.opened(ObjectIdentifier(connection), now: pool.reactor.now, into: &$1) }
        }
    }

    nonisolated func connectionHasRoom(_ connection: PostgresConnection) {
        assumeIsolated { $0.settle(connection) }
    }

    nonisolated func connectionClosed(
        _ connection: PostgresConnection, wasOpen: Bool, _ reason: PostgresError.Reason
    ) {
        assumeIsolated { pool in
            let id = ObjectIdentifier(connection)
            pool.connections[id] = nil
            pool.leased.remove(id)
            if case .closed = reason {
                pool.act { $0.close(into: &$1) }
            } else {
                pool.logger.log(level: wasOpen ? .warning : .debug, "connection of the pool: \(reason)")
            }
            let random = pool.reactor.environment.random()
            pool.act {
                $0.lost(id, wasOpen: wasOpen, reason, now: pool.reactor.now, random: random, into: &$1)
            }
        }
    }

    private func arm() {
        guard let due = state.nextDue else { return }
        if let timer, timer.moment <= due { return }
        if let timer { reactor.cancelSchedule(timer.id) }
        timer = (reactor.schedule(at: due) { [weak self] in self?.assumeIsolated { $0.timerDue() } }, due)
    }

    private func timerDue() {
        timer = nil
        act { $0.timePassed(now: reactor.now, deadline: { $0.deadline }, into: &$1) }
    }
}
