/// Whether a primary's commits wait for a replica (`synchronous_standby_names`).
public enum CommitWait: Int64, Sendable, Hashable {
    /// They do not.
    case none = 0
    /// They do, and there is one to confirm them.
    case confirmed = 1
    /// They do, and there is none.
    case unconfirmed = 2
}

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
    /// Whether its commits wait; a replica has none.
    public var commitWait: CommitWait

    /// Makes a status.
    public init(
        inRecovery: Bool, timeline: UInt32, walPosition: WALPosition, receivedPosition: WALPosition,
        commitWait: CommitWait = .none
    ) {
        self.inRecovery = inRecovery
        self.timeline = timeline
        self.walPosition = walPosition
        self.receivedPosition = receivedPosition
        self.commitWait = commitWait
    }

    /// A primary's timeline stands in the name of the file that it writes; the control file only learns of it at the
    /// next checkpoint. A replica has no such file, but it knows the timeline that it receives, and what its last
    /// restart point was on. What is kept from ordinary roles needs `pg_read_all_stats`: without it a replica tells the
    /// restart point's timeline, and a sender counts as one that confirms.
    static let query: Query = """
        SELECT pg_is_in_recovery(),
            CASE WHEN pg_is_in_recovery() THEN greatest(
                (SELECT timeline_id FROM pg_control_checkpoint()),
                (SELECT received_tli FROM pg_stat_wal_receiver))::int8
            ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int8 END,
            CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0')
            ELSE pg_current_wal_flush_lsn() END,
            CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), '0/0')
            ELSE pg_current_wal_flush_lsn() END,
            CASE WHEN pg_is_in_recovery() OR current_setting('synchronous_standby_names') = '' THEN 0
            WHEN EXISTS (SELECT FROM pg_stat_replication
                WHERE coalesce(sync_state, 'sync') IN ('sync', 'quorum')) THEN 1
            ELSE 2 END::int8
        """

    init(_ rows: Rows) throws(PostgresDecodingError) {
        guard let row = rows.first else {
            throw PostgresDecodingError(column: "pg_is_in_recovery", problem: "is missing")
        }
        let (inRecovery, timeline, position, received, wait) = try row.decode(
            Bool.self, Int64.self, WALPosition.self, WALPosition.self, Int64.self)
        self.init(
            inRecovery: inRecovery, timeline: UInt32(truncatingIfNeeded: timeline), walPosition: position,
            receivedPosition: received, commitWait: CommitWait(rawValue: wait) ?? .none)
    }
}
