/// What an invalidation channel does, as a value: events come in, actions go out. The shell is ``InvalidationChannel``.
///
/// Client-side caching on RESP2 (https://redis.io/docs/latest/develop/reference/client-side-caching/): a connection
/// asks for its own number, lets the server redirect what it tracks there, to itself, and then subscribes. With one
/// connection for both there is no second one whose loss would leave this one listening to nothing.
struct InvalidationMachine {
    typealias Instant = ContinuousClock.Instant

    /// What the shell is to do.
    enum Action: Equatable {
        /// Open a channel and report ``opened(generation:now:)`` or ``lost(_:generation:now:random:)``.
        case connect(generation: Int)
        case send([RedisCommand])
        /// Close the channel of this generation.
        case close(generation: Int)
        case tell(InvalidationEvent)
    }

    enum Phase: Equatable {
        case idle
        case connecting(until: Instant)
        /// Asking for the connection's own number, the last of so many replies.
        case numbering(until: Instant, repliesLeft: Int)
        /// Waiting for the replies to `CLIENT TRACKING` and `SUBSCRIBE`.
        case subscribing(until: Instant, isTracking: Bool)
        case listening(Pings)
        case waiting(until: Instant)
        case closed
    }

    /// At most one ping is under way, so that an answer belongs to it.
    enum Pings: Equatable {
        case due(at: Instant)
        case sent(number: Int64, at: Instant)
    }

    static let channel = "__redis__:invalidate"

    private let settings: InvalidationSettings
    private let connectTimeout: Duration
    private let backoff: Backoff
    private let logIn: [RedisCommand]
    private(set) var phase = Phase.idle
    private(set) var generation = 0
    private var failures = 0
    private var lastPing: Int64 = 0

    init(_ settings: InvalidationSettings, connection: RedisSettings, logIn: [RedisCommand]) {
        self.settings = settings
        self.logIn = logIn + [RedisCommand("CLIENT", "ID")]
        connectTimeout = connection.connectTimeout
        backoff = Backoff(base: connection.reconnectBase, maximum: connection.reconnectMaximum)
    }

    /// The next instant at which ``tick(now:random:)`` has something to do.
    var nextWake: Instant? {
        switch phase {
        case .idle, .closed: nil
        case .connecting(let until), .numbering(let until, _), .subscribing(let until, _), .waiting(let until): until
        case .listening(.due(let at)): at
        case .listening(.sent(_, let at)): at + settings.dropAfter
        }
    }

    mutating func start(now: Instant) -> [Action] {
        phase == .idle ? connect(now) : []
    }

    /// Ends everything; nothing happens afterwards.
    mutating func shutdown() -> [Action] {
        guard phase != .closed else { return [] }
        defer { generation += 1 }
        phase = .closed
        return [.close(generation: generation)]
    }

    /// The channel is open: log in.
    mutating func opened(generation: Int, now: Instant) -> [Action] {
        guard generation == self.generation, case .connecting(let until) = phase else {
            return [.close(generation: generation)]
        }
        phase = .numbering(until: until, repliesLeft: logIn.count)
        return [.send(logIn)]
    }

    /// Values came, in this order.
    mutating func received(_ values: [RedisValue], generation: Int, now: Instant, random: Double) -> [Action] {
        var actions: [Action] = []
        for value in values {
            // An earlier value may have ended the channel.
            guard generation == self.generation else { break }
            actions += received(value, now, random)
        }
        return actions
    }

    /// The channel could not be opened, or broke, or brought what is no reply.
    mutating func lost(_ reason: RedisError.Reason, generation: Int, now: Instant, random: Double) -> [Action] {
        guard generation == self.generation else { return [] }
        switch phase {
        case .idle, .waiting, .closed: return []
        case .connecting, .numbering, .subscribing, .listening: return fail(reason, now, random)
        }
    }

    /// Time has passed: pings, drops a channel that answers no more, begins the next attempt.
    mutating func tick(now: Instant, random: Double) -> [Action] {
        guard let wake = nextWake, wake <= now else { return [] }
        switch phase {
        case .idle, .closed: return []
        case .connecting, .numbering, .subscribing:
            return fail(.connectionLost("not listening within \(connectTimeout)"), now, random)
        case .listening(.sent):
            return fail(.connectionLost("no answer to a ping within \(settings.dropAfter)"), now, random)
        case .listening(.due):
            lastPing += 1
            phase = .listening(.sent(number: lastPing, at: now))
            return [.send([RedisCommand("PING", .integer(lastPing))])]
        case .waiting:
            return connect(now)
        }
    }

    // MARK: Parts

    private mutating func received(_ value: RedisValue, _ now: Instant, _ random: Double) -> [Action] {
        if case .error(let error) = value { return fail(.connectionLost(error.message), now, random) }
        switch (phase, value) {
        case (.numbering(let until, let left), _) where left > 1:
            phase = .numbering(until: until, repliesLeft: left - 1)
            return []
        case (.numbering(let until, _), .integer(let id)):
            phase = .subscribing(until: until, isTracking: false)
            return [.send(subscription(id))]
        case (.subscribing(let until, false), .status("OK")):
            phase = .subscribing(until: until, isTracking: true)
            return []
        case (.subscribing(_, true), .array(let parts)) where parts.first?.string == "subscribe":
            // The first ping goes at once: until it is answered nothing is known to be complete.
            phase = .listening(.due(at: now))
            return [.tell(.listening)]
        case (.listening(let pings), .array(let parts)):
            return heard(parts, pings, now) ?? violation(value, now, random)
        default:
            return violation(value, now, random)
        }
    }

    private mutating func heard(_ parts: [RedisValue], _ pings: Pings, _ now: Instant) -> [Action]? {
        switch (parts.first?.string, pings) {
        case ("pong", .sent(let number, let sentAt)) where parts.count == 2 && parts[1].integer == number:
            phase = .listening(.due(at: now + settings.pingInterval))
            failures = 0
            return [.tell(.complete(until: sentAt))]
        case ("message", _) where parts.count == 3 && parts[1].string == Self.channel:
            if parts[2].isNull { return [.tell(.flushed)] }
            guard let keys = parts[2].array else { return nil }
            return [.tell(.changed(keys: keys.compactMap(\.string)))]
        default:
            return nil
        }
    }

    /// Broadcasting: the server tells of every key with these prefixes, whoever read it, and remembers nothing for it.
    private func subscription(_ id: Int64) -> [RedisCommand] {
        let prefixes = settings.prefixes.flatMap { [RedisArgument.text("PREFIX"), .text($0)] }
        return [
            RedisCommand("CLIENT", ["TRACKING", "ON", "REDIRECT", .integer(id), "BCAST"] + prefixes),
            RedisCommand("SUBSCRIBE", .text(Self.channel)),
        ]
    }

    private mutating func violation(_ value: RedisValue, _ now: Instant, _ random: Double) -> [Action] {
        fail(.protocolViolation("\(value.kind) on the channel of invalidations"), now, random)
    }

    private mutating func connect(_ now: Instant) -> [Action] {
        generation += 1
        phase = .connecting(until: now + connectTimeout)
        return [.connect(generation: generation)]
    }

    private mutating func fail(_ reason: RedisError.Reason, _ now: Instant, _ random: Double) -> [Action] {
        let left = generation
        let wasListening = if case .listening = phase { true } else { false }
        failures += 1
        // Events of the channel that is left must find no listener, also while waiting.
        generation += 1
        phase = .waiting(until: now + backoff.delay(after: failures, random: random))
        return [.close(generation: left)] + (wasListening ? [.tell(.lost(reason))] : [])
    }
}
