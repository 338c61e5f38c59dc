/// What a server says of itself.
public struct ServerStatus: Sendable, Hashable {
    /// True for a replica (`in_hot_standby`), false for a server that takes writes.
    public var inRecovery: Bool
    /// The timeline it writes or follows; each promotion begins the next.
    public var timeline: UInt32
    /// A primary's flushed position, a replica's replayed one.
    public var walPosition: WALPosition
    /// How far a replica has received; a primary's ``walPosition``.
    public var receivedPosition: WALPosition

    public init(inRecovery: Bool, timeline: UInt32, walPosition: WALPosition, receivedPosition: WALPosition) {
        self.inRecovery = inRecovery
        self.timeline = timeline
        self.walPosition = walPosition
        self.receivedPosition = receivedPosition
    }
}
