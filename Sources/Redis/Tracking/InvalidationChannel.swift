import Logging
import NIOCore
import Synchronization

/// Tells which keys of a server change, so that what is kept of them in this process can be thrown away: the shell of
/// an ``InvalidationMachine``, a connection of its own that is opened anew when it breaks.
///
/// Events are told on the connection's event loop, one at a time and in order; whoever listens must not block.
public final class InvalidationChannel: RedisChannelOwner {
    private struct State {
        var machine: InvalidationMachine
        var channel: (generation: Int, channel: any Channel)?
        var attempt: EventLoopFuture<Void>?
        var timer: (at: ContinuousClock.Instant, task: Scheduled<Void>)?
    }

    private let endpoint: RedisEndpoint
    private let connection: RedisSettings
    private let eventLoop: any EventLoop
    private let environment: RedisEnvironment
    private let logger: Logger
    private let listener: @Sendable (InvalidationEvent) -> Void
    private let state: Mutex<State>

    /// Makes a channel that is not open yet.
    /// - Parameters:
    ///   - connection: the times of connecting and the limits of replies.
    ///   - group: where the connection lives; the channel does not shut it down.
    ///   - listener: gets every event; it must not block.
    public convenience init(
        _ endpoint: RedisEndpoint, settings: InvalidationSettings, connection: RedisSettings = RedisSettings(),
        group: any EventLoopGroup, logger: Logger, listener: @escaping @Sendable (InvalidationEvent) -> Void
    ) {
        self.init(
            endpoint, settings: settings, connection: connection, eventLoop: group.next(), environment: .live,
            logger: logger, listener: listener)
    }

    init(
        _ endpoint: RedisEndpoint, settings: InvalidationSettings, connection: RedisSettings,
        eventLoop: any EventLoop, environment: RedisEnvironment, logger: Logger,
        listener: @escaping @Sendable (InvalidationEvent) -> Void
    ) {
        self.endpoint = endpoint
        self.connection = connection
        self.eventLoop = eventLoop
        self.environment = environment
        self.listener = listener
        var logger = logger
        logger[metadataKey: "node"] = "\(endpoint.name)"
        logger[metadataKey: "connection"] = "invalidations"
        self.logger = logger
        state = Mutex(
            State(machine: InvalidationMachine(settings, connection: connection, logIn: endpoint.logIn)))
    }

    /// Begins to connect. From here on it keeps itself alive until ``shutdown()``.
    public func start() {
        eventLoop.execute { self.step { $0.start(now: self.environment.now()) } }
    }

    /// Closes the connection; no event is told afterwards. It cannot be started again.
    public func shutdown() async {
        let attempt = try? await eventLoop.submit {
            let channel = self.state.withLock { $0.channel?.channel }
            self.step { $0.shutdown() }
            let (attempt, timer) = self.state.withLock { ($0.attempt, $0.timer?.task) }
            timer?.cancel()
            return (attempt, channel)
        }.get()
        try? await attempt?.0?.get()
        try? await attempt?.1?.closeFuture.get()
    }

    // MARK: The channel, on its event loop

    func opened(_ channel: any Channel, generation: Int) -> Bool {
        let now = environment.now()
        let actions = state.withLock { state -> [InvalidationMachine.Action]? in
            let actions = state.machine.opened(generation: generation, now: now)
            if case .close = actions.first { return nil }
            state.channel = (generation, channel)
            return actions
        }
        guard let actions else { return false }
        perform(actions)
        return true
    }

    func received(_ values: [RedisValue], generation: Int) {
        step {
            $0.received(
                values, generation: generation, now: self.environment.now(), random: self.environment.random())
        }
    }

    func lost(_ reason: RedisError.Reason, generation: Int) {
        step {
            $0.lost(reason, generation: generation, now: self.environment.now(), random: self.environment.random())
        }
    }

    func writabilityChanged() {}

    // MARK: Parts

    private func step(_ event: (inout InvalidationMachine) -> [InvalidationMachine.Action]) {
        perform(state.withLock { event(&$0.machine) })
        arm()
    }

    private func perform(_ actions: [InvalidationMachine.Action]) {
        for action in actions {
            switch action {
            case .connect(let generation):
                let attempt = connect(to: endpoint, settings: connection, on: eventLoop, generation: generation)
                state.withLock { $0.attempt = attempt }
            case .send(let commands):
                let bytes = commands.flatMap {
                    CommandFormatter.format($0, maximumBytes: connection.maximumCommandBytes) ?? []
                }
                let channel = state.withLock { $0.channel?.channel }
                channel?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            case .close(let generation):
                let channel = state.withLock { state -> (any Channel)? in
                    guard let current = state.channel, current.generation == generation else { return nil }
                    state.channel = nil
                    return current.channel
                }
                channel?.close(promise: nil)
            case .tell(let event):
                if case .lost(let reason) = event { logger.warning("redis: \(reason)") }
                listener(event)
            }
        }
    }

    /// Makes sure that the machine is asked when it has something to do; asking early does no harm.
    private func arm() {
        let now = environment.now()
        state.withLock { state in
            guard let wake = state.machine.nextWake else {
                state.timer?.task.cancel()
                state.timer = nil
                return
            }
            if let timer = state.timer, timer.at <= wake { return }
            state.timer?.task.cancel()
            let (seconds, attoseconds) = (wake - now).components
            let delay = TimeAmount.nanoseconds(max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000) + 1)
            state.timer = (wake, eventLoop.scheduleTask(in: delay) { self.tick() })
        }
    }

    private func tick() {
        state.withLock { $0.timer = nil }
        step { $0.tick(now: self.environment.now(), random: self.environment.random()) }
    }
}
