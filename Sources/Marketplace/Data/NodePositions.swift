import Postgres

/// How far a node's data goes, asked in the transaction of a read: before it for what the answer surely has, and after
/// it for what it may have seen.
struct NodePositions: Sendable {
    /// Nil when the node cannot tell: a replica that receives nothing.
    let timeline: UInt32?
    /// Everything up to here can be read.
    let replayed: WALPosition
    /// Nothing beyond this can have been read. A replica's transaction can be seen a moment before the replay is said
    /// to have passed it, so that it is how far it has received.
    let received: WALPosition

    static let query: Query = """
        SELECT CASE WHEN pg_is_in_recovery() THEN (SELECT received_tli FROM pg_stat_wal_receiver)::int8
            ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int8 END,
            CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0')
            ELSE pg_current_wal_flush_lsn() END,
            CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), '0/0')
            ELSE pg_current_wal_flush_lsn() END
        """

    init(_ rows: Rows) throws {
        guard let row = rows.first else { throw PostgresDecodingError(column: "position", problem: "is missing") }
        let timeline: Int64? = try row.value(0)
        self.timeline = timeline.map { UInt32(truncatingIfNeeded: $0) }
        replayed = try row.value(1)
        received = try row.value(2)
    }

    /// What the data surely has.
    /// - Parameter known: the node's timeline as its pings told it.
    func lower(known: UInt32) -> ShardPosition {
        ShardPosition(timeline: max(known, timeline ?? 0), wal: replayed)
    }

    /// What nothing that was read lies beyond.
    func upper(known: UInt32) -> ShardPosition {
        ShardPosition(timeline: max(known, timeline ?? 0), wal: received)
    }
}
