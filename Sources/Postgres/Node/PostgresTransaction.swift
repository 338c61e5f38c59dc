import Synchronization

/// A transaction on a leased connection, valid only inside the body that received it. Its statements run one after
/// another.
public final class PostgresTransaction: Sendable {
    private enum State {
        case fresh
        case open
        case over
    }

    private let connection: PostgresConnection
    private let deadline: ContinuousClock.Instant
    private let state = Mutex(State.fresh)

    /// ROLLBACK gets a little longer than the transaction, for it often follows the deadline.
    private static let rollbackTime = Duration.seconds(1)
    /// Rows of a COPY are handed over in pieces of about this size.
    private static let copyChunkBytes = 64 * 1024

    init(_ connection: PostgresConnection, deadline: ContinuousClock.Instant) {
        self.connection = connection
        self.deadline = deadline
    }

    /// Runs one statement and returns its rows. When it does not succeed the transaction is lost: throw on.
    public func query(_ query: Query) async throws(PostgresError) -> Rows {
        if let problem = query.problem { throw error(.notSent, .invalidQuery(problem)) }
        let before = state.withLock { state in
            defer { if state == .fresh { state = .open } }
            return state
        }
        switch before {
        case .fresh: return try await run(PostgresCall(.begin, "BEGIN", [query], deadline: deadline))[1]
        case .open: return try await run(PostgresCall(.statement, query, deadline: deadline))[0]
        case .over: throw error(.notSent, .closed)
        }
    }

    /// Streams rows into a table by COPY and returns how many there were; see
    /// ``PostgresNode/copyIn(_:columns:rows:deadline:)``.
    /// - Throws: what `rows` throws, or ``PostgresError``.
    public func copyIn<Source: AsyncSequence>(
        _ table: String, columns: [String], rows: Source
    ) async throws -> Int where Source.Element == CopyRow {
        try await begin()
        let names = columns.map { SQLText.quoted(identifier: $0, separating: false) }.joined(separator: ", ")
        let sql = "COPY \(SQLText.quoted(identifier: table)) (\(names)) FROM STDIN"
        guard case .copyReady = try await exchange(sql) else { throw error(.failed, .protocolViolation("no COPY")) }
        do {
            try await send(rows)
        } catch let thrown as PostgresError {
            throw thrown
        } catch {
            _ = await connection.endCopy(givingUp: "the source of the rows failed")
            throw error
        }
        guard case .finished(let results) = try await step({ await $0.endCopy() }) else {
            throw error(.failed, .protocolViolation("a COPY that does not end"))
        }
        return results.last?.affected ?? 0
    }

    /// The same from a plain sequence, which is walked as fast as the server takes the rows.
    public func copyIn<Source: Sequence>(
        _ table: String, columns: [String], rows: Source
    ) async throws -> Int where Source.Element == CopyRow {
        try await copyIn(table, columns: columns, rows: PlainRows(rows: rows))
    }

    private func send<Source: AsyncSequence>(_ rows: Source) async throws where Source.Element == CopyRow {
        var chunk: [UInt8] = []
        for try await row in rows {
            chunk += row.bytes
            chunk.append(UInt8(ascii: "\n"))
            if chunk.count < Self.copyChunkBytes { continue }
            let full = chunk
            chunk.removeAll(keepingCapacity: true)
            _ = try await step { await $0.copy(full) }
        }
        let rest = chunk
        if !rest.isEmpty { _ = try await step { await $0.copy(rest) } }
    }

    /// Runs SQL of any number of statements as it stands, without parameters.
    func script(_ sql: String) async throws(PostgresError) {
        try await begin()
        _ = try await exchange(sql)
    }

    private func exchange(_ sql: String) async throws(PostgresError) -> SimpleExchange.Step {
        let deadline = deadline
        return try await step { await $0.exchange(sql, deadline: deadline) }
    }

    private func step(
        _ body: @Sendable (PostgresConnection) async -> SimpleExchange.Answer
    ) async throws(PostgresError) -> SimpleExchange.Step {
        let connection = connection
        let answer = await withTaskCancellationHandler {
            await body(connection)
        } onCancel: {
            connection.reactor.execute { connection.assumeIsolated { $0.abandonExchange(.cancelled) } }
        }
        return try answer.get()
    }

    private func begin() async throws(PostgresError) {
        if state.withLock({ $0 == .fresh }) { _ = try await query("SELECT 1") }
    }

    private func run(_ call: PostgresCall) async throws(PostgresError) -> [Rows] {
        let answer = await call.wait(on: connection.reactor) { call in
            self.connection.reactor.execute { self.connection.assumeIsolated { $0.submit(call) } }
        }
        guard case .unit(let rows) = try answer.get() else {
            // A connection answers a statement with nothing else; what fails is thrown above.
            preconditionFailure("a statement of a transaction is answered with its rows")
        }
        return rows
    }

    /// Commits; nothing is sent when no statement was.
    func commit() async throws(PostgresError) {
        let before = end()
        guard before == .open else { return }
        let rows = try await run(PostgresCall(.commit, "COMMIT", deadline: deadline))
        // A transaction that has failed answers COMMIT with success and the tag of what it did instead.
        if rows[0].storage.commandTag == "ROLLBACK" {
            let reason = ServerError(
                sqlState: .inFailedTransaction, message: "rolled back, since a statement had failed before the commit")
            throw error(.failed, .server(reason))
        }
    }

    /// Rolls back without waiting for the answer; the connection is free again when it has come.
    func rollback() {
        guard end() == .open else { return }
        let call = PostgresCall(.rollback, "ROLLBACK", deadline: deadline + Self.rollbackTime)
        connection.reactor.execute { [connection] in
            connection.assumeIsolated { connection in
                if connection.phase == .open { connection.submit(call) }
            }
        }
    }

    private func end() -> State {
        state.withLock { state in
            defer { state = .over }
            return state
        }
    }

    private func error(_ outcome: PostgresError.Outcome, _ reason: PostgresError.Reason) -> PostgresError {
        PostgresError(outcome: outcome, reason: reason, node: connection.endpoint.name)
    }
}
