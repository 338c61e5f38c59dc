import Logging

/// One Postgres server: pipelined connections for point reads, a pool of others for everything else, and one for pings.
///
/// Deadlines are moments, not durations. Every call that fails says in its ``PostgresError/outcome`` whether it may
/// have had an effect.
public final class PostgresNode: Sendable {
    public let endpoint: PostgresEndpoint
    /// Its limits and times.
    public let settings: PostgresSettings
    /// The thread on which this node's connections live.
    public let reactor: Reactor

    let pool: ConnectionPool
    private let reads: PointReader
    private let pings: PointReader

    /// Makes a node that has not started.
    public init(
        _ endpoint: PostgresEndpoint, settings: PostgresSettings = PostgresSettings(), reactor: Reactor, logger: Logger
    ) {
        self.endpoint = endpoint
        self.settings = settings
        self.reactor = reactor
        var logger = logger
        logger[metadataKey: "node"] = "\(endpoint.name)"
        reads = PointReader(
            endpoint, connections: settings.readConnections, settings: settings, reactor: reactor, logger: logger)
        pings = PointReader(endpoint, connections: 1, settings: settings, reactor: reactor, logger: logger)
        pool = ConnectionPool(endpoint, settings: settings, reactor: reactor, logger: logger)
    }

    /// Begins to connect. Calls made before the first connection is open wait for it within their deadlines.
    public func start() {
        reads.start()
        pings.start()
        pool.start()
    }

    /// Fails what waits, closes every connection and returns when all are closed. A node is not started again.
    public func shutdown() async {
        await reads.shutdown()
        await pings.shutdown()
        await pool.shutdown()
    }

    /// A point read of public rows, pipelined with others: it must not depend on session state nor on a tenant.
    public func read(
        _ query: Query, deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Rows {
        if settings.readConnections == 0 { return try await self.query(query, deadline: deadline) }
        return try await read(query, deadline: deadline, from: reads)
    }

    private func read(
        _ query: Query, deadline: ContinuousClock.Instant, from reader: PointReader
    ) async throws(PostgresError) -> Rows {
        try check(query)
        let call = PostgresCall(.read, query, deadline: deadline)
        guard case .rows(let rows) = try await call.wait(on: reactor, { reader.submit($0) }).get() else {
            // A reader answers a call of this kind with nothing else; what fails is thrown above.
            preconditionFailure("a point read is answered with its rows")
        }
        return rows
    }

    /// One statement as a transaction of its own, on a connection of the pool.
    public func query(
        _ query: Query, deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Rows {
        try check(query)
        return try await unit(query, [], deadline: deadline)[0]
    }

    /// Statements as one transaction in one round trip: all of them take effect or none does. For row-level security
    /// begin with `SELECT set_config('app.tenant', \(id), true)`; it ends with the unit.
    public func unit(
        _ queries: [Query], deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Rows] {
        for query in queries { try check(query) }
        guard let first = queries.first else { return [] }
        if queries.count > settings.maximumUnitStatements {
            throw refusal("a unit of \(queries.count) statements; \(settings.maximumUnitStatements) is the limit")
        }
        return try await unit(first, Array(queries.dropFirst()), deadline: deadline)
    }

    private func unit(
        _ first: Query, _ rest: [Query], deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Rows] {
        let call = PostgresCall(.unit, first, rest, deadline: deadline)
        guard case .unit(let rows) = try await call.wait(on: reactor, { self.pool.submit($0) }).get() else {
            // A pool answers a call of this kind with nothing else; what fails is thrown above.
            preconditionFailure("a unit is answered with the rows of its statements")
        }
        return rows
    }

    /// Asks the server for its role and position, on a connection of its own so that no queue delays it.
    public func ping(deadline: ContinuousClock.Instant) async throws(PostgresError) -> ServerStatus {
        let rows = try await read(ServerStatus.query, deadline: deadline, from: pings)
        do {
            return try ServerStatus(rows)
        } catch {
            throw PostgresError(outcome: .failed, reason: .invalidQuery(error.description), node: endpoint.name)
        }
    }

    /// How busy the node is now.
    public func statistics() async -> PostgresNodeStatistics {
        let (readConnections, readsInFlight) = await reads.usage()
        let (poolConnections, poolBusy, poolWaiters) = await pool.usage()
        return PostgresNodeStatistics(
            readConnections: readConnections, readsInFlight: readsInFlight, poolConnections: poolConnections,
            poolBusy: poolBusy, poolWaiters: poolWaiters)
    }

    func check(_ query: Query) throws(PostgresError) {
        if let problem = query.problem { throw refusal(problem) }
    }

    private func refusal(_ problem: String) -> PostgresError {
        PostgresError(outcome: .notSent, reason: .invalidQuery(problem), node: endpoint.name)
    }
}

/// How busy a node is, for metrics and health.
public struct PostgresNodeStatistics: Sendable, Hashable {
    /// Open pipelined connections.
    public var readConnections: Int
    /// Point reads sent and not answered.
    public var readsInFlight: Int
    /// Open connections of the pool, leased ones included.
    public var poolConnections: Int
    /// Connections of the pool that work for somebody.
    public var poolBusy: Int
    /// Callers that wait for a connection of the pool.
    public var poolWaiters: Int
}
