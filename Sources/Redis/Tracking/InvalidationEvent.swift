/// What a ``InvalidationChannel`` tells, in the order in which it came.
public enum InvalidationEvent: Sendable, Hashable {
    /// The server tells of changes from here on. What was read before may have changed unnoticed.
    case listening
    /// These keys were changed, deleted, expired or evicted.
    case changed(keys: [String])
    /// Every key may have changed: the database was flushed.
    case flushed
    /// Every change before this instant has been told: a ping that was sent then has been answered, and the server
    /// answers in order.
    case complete(until: ContinuousClock.Instant)
    /// The channel is gone; changes go unnoticed until it listens again. It is opened anew by itself.
    case lost(RedisError.Reason)
}

/// The times of one ``InvalidationChannel``.
public struct InvalidationSettings: Sendable, Hashable {
    /// What the keys begin with whose changes are told; no prefix may begin with another.
    public var prefixes: [String]
    /// Between an answered ping and the next.
    public var pingInterval = Duration.milliseconds(50)
    /// The channel is dropped when a ping is unanswered for so long.
    public var dropAfter = Duration.seconds(1)

    /// Makes settings with the default times.
    public init(prefixes: [String]) {
        self.prefixes = prefixes
    }
}
