import Postgres

/// The SQL of stores.
struct StoreStore: Sendable {
    let database: RoutedDatabase
    let ids: IDGenerator

    private static let columns: Query = "id, name, currency, version, created_at, updated_at"

    /// One shard's part of a list.
    private struct ShardAnswer: Sendable {
        let shard: Int
        let stores: Result<[Store], any Error>
    }

    /// Lists stores of all shards in order of their ids.
    /// - Returns: the page, and the shards that did not answer: their stores are missing.
    /// - Throws: ``Problem`` `dependency_unavailable` when no shard answers.
    func list(_ page: PageRequest, trace: RequestTrace) async throws -> (page: Page<Store>, missing: [String]) {
        let shards = database.router.shards
        let after = page.cursor?.number ?? 0
        let query: Query = """
            SELECT \(Self.columns) FROM stores WHERE id > \(after) AND deleted_at IS NULL
            ORDER BY id LIMIT \(Int64(page.limit + 1))
            """
        let answers = await withTaskGroup(of: ShardAnswer.self) { group in
            for (index, shard) in shards.enumerated() {
                group.addTask {
                    do {
                        let rows = try await database.read(from: shard, .list, trace: trace, query)
                        return ShardAnswer(shard: index, stores: .success(try rows.map(Store.init(row:))))
                    } catch {
                        return ShardAnswer(shard: index, stores: .failure(error))
                    }
                }
            }
            return await group.reduce(into: [ShardAnswer]()) { $0.append($1) }
        }
        var stores: [Store] = []
        var missing: [String] = []
        for answer in answers.sorted(by: { $0.shard < $1.shard }) {
            switch answer.stores {
            case .success(let found): stores += found
            case .failure(let error):
                missing.append(shards[answer.shard].name)
                if missing.count == shards.count { throw error }
            }
        }
        stores.sort { $0.id < $1.id }
        return (Page(stores, limit: page.limit) { $0.id.number }, missing)
    }

    func find(_ id: StoreID, trace: RequestTrace) async throws -> Store? {
        let rows = try await database.read(
            id.routingKey, .point, trace: trace,
            "SELECT \(Self.columns) FROM stores WHERE id = \(id.number) AND deleted_at IS NULL")
        return try rows.first.map(Store.init(row:))
    }

    func create(_ input: StoreInput, trace: RequestTrace) async throws -> Store {
        let id = ids.store()
        return try await database.write(id.routingKey, trace: trace) { node, deadline in
            let rows = try await node.query(
                """
                INSERT INTO stores (id, name, currency) VALUES (\(id.number), \(input.name), \(input.currency))
                RETURNING \(Self.columns)
                """, deadline: deadline)
            return try Store(row: rows[0])
        }
    }

    /// Replaces name and currency.
    /// - Throws: ``Problem`` `store_not_found`, `precondition_failed`, or `store_not_empty` when the currency of a
    ///   store with products would change.
    func update(
        _ id: StoreID, _ input: StoreInput, if precondition: Precondition, trace: RequestTrace
    ) async throws -> Store {
        let statement: Query = """
            UPDATE stores SET name = \(input.name), currency = \(input.currency), version = version + 1,
                updated_at = now()
            WHERE id = \(id.number) AND deleted_at IS NULL
                AND \(precondition.condition)
            RETURNING \(Self.columns)
            """
        do {
            return try await change(id, statement, if: precondition, trace: trace)
        } catch let error as PostgresError where error.sqlState == .foreignKeyViolation {
            throw Problem(.storeNotEmpty, "A store with products keeps its currency.")
        }
    }

    /// Marks a store as deleted.
    /// - Throws: ``Problem`` `store_not_found`, `precondition_failed`, or `store_not_empty` while it has products.
    func delete(_ id: StoreID, if precondition: Precondition, trace: RequestTrace) async throws {
        _ = try await change(
            id,
            """
            UPDATE stores SET deleted_at = now(), version = version + 1, updated_at = now()
            WHERE id = \(id.number) AND deleted_at IS NULL
                AND \(precondition.condition)
                AND NOT EXISTS (SELECT 1 FROM products WHERE store_id = \(id.number) AND deleted_at IS NULL)
            RETURNING \(Self.columns)
            """, if: precondition, trace: trace)
    }

    private func change(
        _ id: StoreID, _ statement: Query, if precondition: Precondition, trace: RequestTrace
    ) async throws -> Store {
        let results = try await database.write(id.routingKey, trace: trace) { node, deadline in
            try await node.unit(
                [statement, "SELECT version FROM stores WHERE id = \(id.number) AND deleted_at IS NULL"],
                deadline: deadline)
        }
        if let row = results[0].first { return try Store(row: row) }
        guard let version: Int64 = try results[1].first?.value(0) else {
            throw Problem(.storeNotFound, "There is no store \(id).")
        }
        guard version == precondition.version ?? version else {
            throw Problem(.preconditionFailed, "The store is at version \(version) now: read it again.")
        }
        // There, and at that version: only its products can have been in the way.
        throw Problem(.storeNotEmpty, "Delete the store's products first.")
    }
}

extension Store {
    fileprivate init(row: Row) throws {
        let (id, name, currency, version, createdAt, updatedAt) = try row.decode(
            Int64.self, String.self, String.self, Int64.self, PostgresTimestamp.self, PostgresTimestamp.self)
        self.init(
            id: StoreID(number: id), name: name, currency: currency, version: version,
            createdAt: Timestamp(createdAt), updatedAt: Timestamp(updatedAt))
    }
}
