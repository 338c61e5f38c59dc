import Postgres

/// The only way to write: statements on one store's rows, on the primary. Each transaction begins by entering the
/// store, so that no statement can touch another's rows and none reaches a store that has moved away.
struct StoreWriter: Sendable {
    let store: StoreID
    let node: PostgresNode
    let deadline: ContinuousClock.Instant

    /// The first statement of every transaction on a store's rows: sets the tenant until it ends (row-level security
    /// goes by it), and refuses a store that is not here or takes no writes now.
    static func entering(_ store: StoreID, writes: Bool) -> Query {
        "SELECT enter_store(\(store.number), \(writes))"
    }

    /// One statement as a transaction of its own.
    func query(_ query: Query) async throws(PostgresError) -> Rows {
        try await unit([query])[0]
    }

    /// Statements as one transaction in one round trip; the rows of each.
    func unit(_ queries: [Query]) async throws(PostgresError) -> [Rows] {
        let results = try await node.unit([Self.entering(store, writes: true)] + queries, deadline: deadline)
        return Array(results.dropFirst())
    }

    /// A transaction of several round trips.
    /// - Throws: what the body throws, or `PostgresError`.
    func transaction<Result: Sendable>(
        _ body: (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        try await node.transaction(deadline: deadline) { transaction in
            _ = try await transaction.query(Self.entering(store, writes: true))
            return try await body(transaction)
        }
    }
}
