/// The limits and times of one ``RedisClient``. Counts and bytes are per connection.
public struct RedisSettings: Sendable, Hashable {
    /// Connections to the server; calls take them in turn. Each batches what one turn of its event loop brings.
    public var connections = 2
    /// The time one attempt may take, from `connect` to the answer of the first `PING`.
    public var connectTimeout = Duration.milliseconds(250)
    /// A connection whose oldest reply is older than this takes no new work until it answers.
    public var overdueAfter = Duration.milliseconds(150)
    /// A connection whose oldest reply is older than this is dropped and opened anew.
    public var dropAfter = Duration.seconds(1)
    /// The first pause between attempts; it doubles up to ``reconnectMaximum``, half of it drawn at random.
    public var reconnectBase = Duration.milliseconds(10)
    /// The longest pause between attempts.
    public var reconnectMaximum = Duration.milliseconds(500)
    /// Commands without an answer, abandoned ones included.
    public var maximumPendingCommands = 16_384
    /// Encoded bytes of commands without an answer.
    public var maximumPendingBytes = 32 << 20
    /// Encoded bytes of one command.
    public var maximumCommandBytes = 8 << 20
    /// What a reply may hold; anything larger drops the connection before it is parsed.
    public var replies = ReplyLimits()

    /// The defaults.
    public init() {}
}

/// What one reply may hold.
public struct ReplyLimits: Sendable, Hashable {
    /// Bytes of the whole reply, headers included. A length that would pass it is refused when it is announced.
    public var maximumBytes = 32 << 20
    /// Elements of all the reply's arrays together.
    public var maximumElements = 262_144
    /// Arrays inside arrays. hiredis 0.14 cannot read more than 8, so a greater limit counts as 8.
    public var maximumDepth = 8
    /// Bytes of one status or error line.
    public var maximumLineBytes = 64 << 10

    /// The defaults.
    public init() {}
}
