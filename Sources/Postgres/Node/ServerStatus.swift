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

    /// Makes a status.
    public init(inRecovery: Bool, timeline: UInt32, walPosition: WALPosition, receivedPosition: WALPosition) {
        self.inRecovery = inRecovery
        self.timeline = timeline
        self.walPosition = walPosition
        self.receivedPosition = receivedPosition
    }

    /// A primary's timeline stands in the name of the file that it writes; the control file only learns of it at the
    /// next checkpoint. A replica has no such file, but it knows the timeline that it receives, and what its last
    /// restart point was on.
    static let query: Query = """
        SELECT pg_is_in_recovery(),
            CASE WHEN pg_is_in_recovery() THEN greatest(
                (SELECT timeline_id FROM pg_control_checkpoint()),
                (SELECT received_tli FROM pg_stat_wal_receiver))::int8
            ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int8 END,
            CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0')
            ELSE pg_current_wal_flush_lsn() END,
            CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), '0/0')
            ELSE pg_current_wal_flush_lsn() END
        """

    init(_ rows: Rows) throws(PostgresDecodingError) {
        guard let row = rows.first else {
            throw PostgresDecodingError(column: "pg_is_in_recovery", problem: "is missing")
        }
        let (inRecovery, timeline, position, received) = try row.decode(
            Bool.self, Int64.self, WALPosition.self, WALPosition.self)
        self.init(
            inRecovery: inRecovery, timeline: UInt32(truncatingIfNeeded: timeline), walPosition: position,
            receivedPosition: received)
    }
}
