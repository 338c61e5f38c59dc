import Logging
import NIOCore
import NIOPosix
import Synchronization

/// The shell of a ``ConnectionMachine``: one channel on one event loop, shared by any number of callers.
///
/// Callers put their commands into the machine under a lock, from their own threads; the first of a batch wakes the
/// event loop, which writes all of them at once. One scheduled task serves all deadlines.
final class RedisConnection: RedisChannelOwner {
    typealias Caller = UnsafeContinuation<Result<RedisValue, RedisError>, Never>
    typealias Machine = ConnectionMachine<Caller>

    private struct State {
        var machine: Machine
        var channel: (generation: Int, channel: any Channel)?
        /// The attempt to connect that was begun last.
        var attempt: EventLoopFuture<Void>?
        /// Whether ``turn()`` will run soon.
        var turnIsDue = false
        var timer: (at: ContinuousClock.Instant, task: Scheduled<Void>)?
    }

    private let endpoint: RedisEndpoint
    private let settings: RedisSettings
    private let eventLoop: any EventLoop
    private let environment: RedisEnvironment
    private let logger: Logger
    private let state: Mutex<State>

    init(
        _ endpoint: RedisEndpoint, index: Int, settings: RedisSettings, eventLoop: any EventLoop,
        environment: RedisEnvironment, logger: Logger
    ) {
        self.endpoint = endpoint
        self.settings = settings
        self.eventLoop = eventLoop
        self.environment = environment
        var logger = logger
        logger[metadataKey: "node"] = "\(endpoint.name)"
        logger[metadataKey: "connection"] = "\(index)"
        self.logger = logger
        state = Mutex(
            State(machine: Machine(node: endpoint.name, settings: settings, logIn: Self.logIn(to: endpoint))))
    }

    var isReady: Bool { state.withLock { $0.machine.isReady } }
    var pendingCommands: Int { state.withLock { $0.machine.queue.count } }

    // MARK: Callers

    /// Sends a command's bytes; returns the reply, or why there is none.
    func send(_ bytes: [UInt8], _ shape: ReplyShape, deadline: ContinuousClock.Instant) async -> Result<
        RedisValue, RedisError
    > {
        let ticket = Ticket()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { caller in
                submit(bytes, shape, deadline: deadline, caller, ticket)
            }
        } onCancel: {
            perform(
                state.withLock { $0.machine.cancel(ticket.number.load(ordering: .relaxed)) })
        }
    }

    /// Where a caller stands in the queue; 0 before it does. Written and read under the lock.
    private final class Ticket: Sendable {
        let number = Atomic<UInt64>(0)
    }

    private func submit(
        _ bytes: [UInt8], _ shape: ReplyShape, deadline: ContinuousClock.Instant, _ caller: Caller, _ ticket: Ticket
    ) {
        let now = environment.now()
        var wakes = false
        let refusal = state.withLock { state -> RedisError? in
            // A task is marked cancelled before its handler runs, so either this sees the mark or the handler, which
            // takes the lock, sees the ticket.
            if Task.isCancelled { return RedisError(.notSent, .cancelled, node: endpoint.name) }
            switch state.machine.submit(caller, bytes, shape, deadline: deadline, now: now) {
            case .failure(let error): return error
            case .success(let number): ticket.number.store(number, ordering: .relaxed)
            }
            wakes = !state.turnIsDue
            state.turnIsDue = true
            return nil
        }
        if let refusal { return caller.resume(returning: .failure(refusal)) }
        if wakes { eventLoop.execute { self.turn() } }
    }

    // MARK: The event loop

    func start() {
        perform(state.withLock { $0.machine.start(now: environment.now()) })
        eventLoop.execute { self.turn() }
    }

    func shutdown() async {
        let (actions, channel, attempt, timer) = state.withLock { state in
            (state.machine.shutdown(), state.channel?.channel, state.attempt, state.timer?.task)
        }
        timer?.cancel()
        perform(actions)
        try? await attempt?.get()
        try? await channel?.closeFuture.get()
    }

    /// Writes what waits to be written and sees to the timer. Runs on the event loop, once for each batch.
    func turn() {
        let now = environment.now()
        var bytes: ByteBuffer?
        let (channel, wake) = state.withLock { state in
            state.turnIsDue = false
            let channel = state.channel?.channel
            // A peer that does not read leaves commands unsent, and their outcome certain.
            if let channel, channel.isWritable, state.machine.isReady, state.machine.queue.hasUnsent {
                var batch = channel.allocator.buffer(capacity: state.machine.queue.unsentByteCount)
                state.machine.send(now: now) { batch.writeBytes($0) }
                bytes = batch
            }
            return (channel, state.machine.nextWake)
        }
        if let channel, let bytes { channel.writeAndFlush(bytes, promise: nil) }
        arm(wake, now)
    }

    /// Makes sure that ``tick()`` runs at `wake` at the latest; running early does no harm.
    private func arm(_ wake: ContinuousClock.Instant?, _ now: ContinuousClock.Instant) {
        guard let wake else { return }
        state.withLock { state in
            if let timer = state.timer, timer.at <= wake { return }
            state.timer?.task.cancel()
            let (seconds, attoseconds) = (wake - now).components
            // A call without a bound has a deadline years away; the timer need not reach so far.
            let nanoseconds = seconds > 3600 ? 3_600_000_000_000 : seconds * 1_000_000_000 + attoseconds / 1_000_000_000
            // Rounded up to whole milliseconds, so that deadlines close together share one tick.
            let delay = TimeAmount.milliseconds(max(0, nanoseconds) / 1_000_000 + 1)
            state.timer = (wake, eventLoop.scheduleTask(in: delay) { self.tick() })
        }
    }

    private func tick() {
        let now = environment.now()
        let random = environment.random()
        perform(
            state.withLock { state in
                state.timer = nil
                return state.machine.tick(now: now, random: random)
            })
        turn()
    }

    // MARK: The channel

    /// The channel is open; false when it comes too late and is to be closed.
    func opened(_ channel: any Channel, generation: Int) -> Bool {
        let now = environment.now()
        let actions = state.withLock { state -> [Machine.Action]? in
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
        let now = environment.now()
        let (actions, isReady) = state.withLock { state in
            let actions = state.machine.received(
                values, generation: generation, now: now, random: environment.random())
            return (actions, state.machine.isReady)
        }
        perform(actions)
        // A reply can end the connection; then there is a next attempt to set the timer for.
        if !isReady { turn() }
    }

    func lost(_ reason: RedisError.Reason, generation: Int) {
        let now = environment.now()
        let actions = state.withLock {
            $0.machine.lost(reason, generation: generation, now: now, random: environment.random())
        }
        guard !actions.isEmpty else { return }
        perform(actions)
        turn()
    }

    private func perform(_ actions: [Machine.Action]) {
        for action in actions {
            switch action {
            case .answer(let caller, let result): caller.resume(returning: result)
            case .flush: turn()
            case .connect(let generation): connect(generation)
            case .logIn(let bytes):
                let channel = state.withLock { $0.channel?.channel }
                channel?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            case .close(let generation):
                let channel = state.withLock { state -> (any Channel)? in
                    guard let current = state.channel, current.generation == generation else { return nil }
                    state.channel = nil
                    return current.channel
                }
                channel?.close(promise: nil)
            case .reportReady:
                logger.debug("connected to redis")
            case .reportLost(let reason, let failures):
                // The first failures of a row are news; the rest would fill the log while a server is away.
                logger.log(
                    level: failures <= 1 ? .warning : .debug, "redis: \(reason)", metadata: ["failures": "\(failures)"])
            }
        }
    }

    private func connect(_ generation: Int) {
        let attempt = connect(to: endpoint, settings: settings, on: eventLoop, generation: generation)
        state.withLock { $0.attempt = attempt }
    }

    func writabilityChanged() { turn() }

    /// What is sent on a new channel before anything else. `PING` is the proof that the server answers, not only its
    /// kernel: a paused one still accepts connections.
    private static func logIn(to endpoint: RedisEndpoint) -> (bytes: [UInt8], replies: Int) {
        let commands = endpoint.logIn + [RedisCommand("PING")]
        let bytes = commands.flatMap { CommandFormatter.format($0, maximumBytes: .max) ?? [] }
        return (bytes, commands.count)
    }
}
