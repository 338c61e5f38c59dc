extension PostgresNode {
    /// Leases a connection for a transaction of several round trips. It commits when `body` returns and rolls back
    /// when `body` throws; `body`'s error is rethrown. BEGIN travels with the first statement.
    /// - Throws: what `body` throws, or ``PostgresError``. When the commit's own answer did not come, its outcome is
    ///   `unknown`.
    public func transaction<Result: Sendable>(
        deadline: ContinuousClock.Instant, _ body: (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        let call = PostgresCall(.lease, "", deadline: deadline)
        guard case .lease(let connection) = try await call.wait(on: reactor, { self.pool.submit($0) }).get() else {
            // The pool answers a call of this kind with nothing else; what fails is thrown above.
            preconditionFailure("a lease is answered with a connection")
        }
        let transaction = PostgresTransaction(connection, deadline: deadline)
        do {
            let result = try await body(transaction)
            try await transaction.commit()
            pool.release(connection)
            return result
        } catch {
            transaction.rollback()
            pool.release(connection)
            throw error
        }
    }

    /// Streams rows into a table by COPY, as one transaction, and returns how many there were.
    /// - Parameters:
    ///   - table: its name, with the schema before a dot where needed; quoted here.
    ///   - columns: the columns that each row fills, in order.
    /// - Throws: what `rows` throws (then nothing is copied), or ``PostgresError``.
    public func copyIn<Source: AsyncSequence>(
        _ table: String, columns: [String], rows: Source, deadline: ContinuousClock.Instant
    ) async throws -> Int where Source.Element == CopyRow {
        try await transaction(deadline: deadline) { transaction in
            try await transaction.copyIn(table, columns: columns, rows: rows)
        }
    }

    /// The same from a plain sequence, which is walked as fast as the server takes the rows.
    public func copyIn<Source: Sequence>(
        _ table: String, columns: [String], rows: Source, deadline: ContinuousClock.Instant
    ) async throws -> Int where Source.Element == CopyRow {
        try await copyIn(table, columns: columns, rows: PlainRows(rows: rows), deadline: deadline)
    }
}
