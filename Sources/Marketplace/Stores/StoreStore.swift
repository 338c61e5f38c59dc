import Postgres

/// The SQL of stores.
struct StoreStore: Sendable {
    let database: RoutedDatabase
    let ids: IDGenerator

    /// Lists stores of all shards in order of their ids.
    /// - Returns: the page; it names the shards that did not answer, whose stores follow on a later page.
    /// - Throws: ``Problem`` `dependency_unavailable` when no shard answers.
    func list(_ page: ScatterRequest, trace: RequestTrace) async throws -> ScatterPage<Store> {
        try await database.scatter(after: page.cursor, limit: page.limit, trace: trace) { after in
            StoreQueries.page(after: after?.first ?? 0, limit: page.limit)
        } read: { row in
            let store = try Store(row: row)
            return (ScatterKey(first: store.id.number, second: 1), store)
        }
    }

    func find(_ id: StoreID, trace: RequestTrace) async throws -> Store? {
        let rows = try await database.read(id.routingKey, .point, trace: trace, StoreQueries.one(id))
        return try rows.first.map(Store.init(row:))
    }

    func create(_ input: StoreInput, trace: RequestTrace) async throws -> Store {
        let id = ids.store()
        return try await database.write(id, trace: trace) { writer in
            let rows = try await writer.unit([
                StoreQueries.admit(mapVersion: database.router.map.version), StoreQueries.create(id, input),
            ])
            return try Store(row: rows[1][0])
        }
    }

    /// Replaces name and currency.
    /// - Throws: ``Problem`` `store_not_found`, `precondition_failed`, or `store_not_empty` when the currency of a
    ///   store with products would change.
    func update(
        _ id: StoreID, _ input: StoreInput, if precondition: Precondition, trace: RequestTrace
    ) async throws -> Store {
        do {
            return try await change(
                id, StoreQueries.update(id, input, if: precondition), if: precondition, trace: trace)
        } catch let error as PostgresError where error.sqlState == .foreignKeyViolation {
            throw Problem(.storeNotEmpty, "A store with products keeps its currency.")
        }
    }

    /// Marks a store as deleted.
    /// - Throws: ``Problem`` `store_not_found`, `precondition_failed`, or `store_not_empty` while it has products.
    func delete(_ id: StoreID, if precondition: Precondition, trace: RequestTrace) async throws {
        do {
            _ = try await change(id, StoreQueries.delete(id, if: precondition), if: precondition, trace: trace)
        } catch let error as PostgresError where error.sqlState == .stillInUse {
            throw Problem(.storeNotEmpty, "A product was added just now: delete it first.")
        }
    }

    private func change(
        _ id: StoreID, _ statement: Query, if precondition: Precondition, trace: RequestTrace
    ) async throws -> Store {
        let results = try await database.write(id, trace: trace) { writer in
            try await writer.unit([statement, StoreQueries.one(id)])
        }
        if let row = results[0].first { return try Store(row: row) }
        guard let row = results[1].first else { throw Problem(.storeNotFound, "There is no store \(id).") }
        let version = try Store(row: row).version
        guard version == precondition.version ?? version else {
            throw Problem(.preconditionFailed, "The store is at version \(version) now: read it again.")
        }
        // There, and at that version: only its products can have been in the way.
        throw Problem(.storeNotEmpty, "Delete the store's products first.")
    }
}
