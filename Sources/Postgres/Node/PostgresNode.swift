import Logging

/// One Postgres server: pipelined connections for point reads, a pool of others for everything else, and one for pings.
///
/// Deadlines are moments, not durations. Every call that fails says in its ``PostgresError/outcome`` whether it may have
/// had an effect.
public final class PostgresNode: Sendable {
    public let endpoint: PostgresEndpoint
    public let settings: PostgresSettings
    /// The thread on which this node's connections live.
    public let reactor: Reactor

    public init(
        _ endpoint: PostgresEndpoint, settings: PostgresSettings = PostgresSettings(), reactor: Reactor, logger: Logger
    ) {
        self.endpoint = endpoint
        self.settings = settings
        self.reactor = reactor
    }

    /// Begins to connect. Calls made before the first connection is open wait for it within their deadlines.
    public func start() { fatalError("not yet") }

    /// Fails what waits, closes every connection and returns when all are closed.
    public func shutdown() async { fatalError("not yet") }

    /// A point read of public rows, pipelined with others: it must not depend on session state nor on a tenant.
    public func read(
        _ query: Query, deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Rows { fatalError("not yet") }

    /// One statement as a transaction of its own, on a connection of the pool.
    public func query(
        _ query: Query, deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Rows { fatalError("not yet") }

    /// Statements as one transaction in one round trip: all of them take effect or none does. For row-level security
    /// begin with `SELECT set_config('app.tenant', \(id), true)`; it ends with the unit.
    public func unit(
        _ queries: [Query], deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Rows] { fatalError("not yet") }

    /// Leases a connection for a transaction of several round trips. It commits when `body` returns and rolls back
    /// when `body` throws; `body`'s error is rethrown.
    /// - Throws: what `body` throws, or ``PostgresError``.
    public func transaction<Result: Sendable>(
        deadline: ContinuousClock.Instant, _ body: (PostgresTransaction) async throws -> Result
    ) async throws -> Result { fatalError("not yet") }

    /// Streams rows into a table by COPY, as one transaction, and returns how many there were.
    /// - Parameters:
    ///   - table: its name, with the schema before a dot where needed; quoted here.
    ///   - columns: the columns that each row fills, in order.
    /// - Throws: what `rows` throws (then nothing is copied), or ``PostgresError``.
    public func copyIn<Source: AsyncSequence>(
        _ table: String, columns: [String], rows: Source, deadline: ContinuousClock.Instant
    ) async throws -> Int where Source.Element == CopyRow { fatalError("not yet") }

    /// The same from a plain sequence, which is walked as fast as the server takes the rows.
    public func copyIn<Source: Sequence>(
        _ table: String, columns: [String], rows: Source, deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Int where Source.Element == CopyRow { fatalError("not yet") }

    /// Asks the server for its role and position, on a connection of its own so that no queue delays it.
    public func ping(deadline: ContinuousClock.Instant) async throws(PostgresError) -> ServerStatus {
        fatalError("not yet")
    }

    /// How busy the node is now.
    public var statistics: PostgresNodeStatistics { fatalError("not yet") }
}

/// How busy a node is, for metrics and health.
public struct PostgresNodeStatistics: Sendable, Hashable {
    /// Open pipelined connections.
    public var readConnections = 0
    /// Point reads sent and not answered.
    public var readsInFlight = 0
    /// Open connections of the pool, leased ones included.
    public var poolConnections = 0
    /// Connections of the pool that work for somebody.
    public var poolBusy = 0
    /// Callers that wait for a connection of the pool.
    public var poolWaiters = 0

    public init() {}
}

/// A transaction on a leased connection, valid only inside the body that received it.
public final class PostgresTransaction: Sendable {
    /// Runs one statement.
    public func query(_ query: Query) async throws(PostgresError) -> Rows { fatalError("not yet") }
}
