/// Limits of one ``PostgresNode``. Every queue and every wait has one.
public struct PostgresSettings: Sendable, Hashable {
    /// Pipelined connections for ``PostgresNode/read(_:deadline:)``. Two use a server's cores well; zero opens none.
    public var readConnections = 2
    /// Point reads sent on one connection and not yet answered.
    public var maximumReadsInFlight = 256
    /// Point reads that wait for a place on one connection; more are refused as `poolExhausted`.
    public var maximumQueuedReads = 4096
    /// The server ends a point read after this long. Keep it slightly under the deadline that reads usually have.
    public var readStatementTimeout: Duration = .milliseconds(450)
    /// A connection whose oldest reply has been owed for longer takes no new work.
    public var stallLimit: Duration = .milliseconds(150)

    /// Connections of the pool for queries, units, transactions and copies.
    public var maximumPoolConnections = 8
    /// Connections that the pool opens at the start and keeps open.
    public var minimumPoolConnections = 2
    /// Connections that the pool opens at once. A server process for each is forked, logs in and parses its statements
    /// anew, which a server that is slow already should not do for every caller that waits.
    public var maximumPoolConnecting = 2
    /// Callers that wait for a connection of the pool; more are refused as `poolExhausted`.
    public var maximumPoolWaiters = 1024
    /// How long a caller waits for a connection of the pool at most; its deadline may end the wait before.
    public var maximumPoolWait: Duration = .milliseconds(250)
    /// A connection is closed when its server has owed an abandoned caller's reply for this long.
    public var abandonedReplyLimit: Duration = .seconds(5)

    /// The server ends a session of the pool whose transaction waits for its client for longer; an open transaction
    /// holds up vacuum and readers of the event log.
    public var idleInTransactionTimeout: Duration = .seconds(1)

    /// Statements in one unit.
    public var maximumUnitStatements = 64
    /// Statements that each connection keeps prepared; the one used longest ago makes room.
    public var maximumPreparedStatements = 256

    /// An attempt to connect is given up after this long.
    public var connectTimeout: Duration = .seconds(1)
    /// The first pause before connecting again; each doubles the next, and the actual pause is drawn from 0 to it.
    public var minimumReconnectDelay: Duration = .milliseconds(20)
    /// No pause is longer.
    public var maximumReconnectDelay: Duration = .milliseconds(500)

    /// The defaults.
    public init() {}
}
