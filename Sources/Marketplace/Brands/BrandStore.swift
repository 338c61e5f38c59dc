import Postgres

/// Keeps brands.
struct BrandStore: Sendable {
    let database: RoutedDatabase
    let cache: TieredCache
    let ids: IDGenerator

    /// One brand's answer with its version as the tag; nil when there is none.
    func answer(_ id: BrandID, trace: RequestTrace) async throws -> CacheEntry? {
        try database.refuseLostSession(of: id.store, trace)
        return try await cache.answer(Self.subject(id), trace: trace) { trace in
            let rows = try await database.read(id.store.routingKey, .point, trace: trace, BrandQueries.one(id))
            return try rows.first.map { row in
                let brand = try Brand(row: row, store: id.store)
                return CacheEntry(tag: "\(brand.version)", body: Envelope.body(brand), number: brand.version)
            }
        }
    }

    private static func subject(_ id: BrandID) -> CacheSubject {
        .item(.brand, "\(id)", of: id.store)
    }

    /// Oldest first; nil when there is no such store.
    func list(_ page: PageRequest, of store: StoreID, trace: RequestTrace) async throws -> Page<Brand>? {
        let rows = try await database.read(
            store.routingKey, .list, trace: trace, BrandQueries.page(page, of: store))
        if rows.isEmpty {
            let found = try await database.read(store.routingKey, .point, trace: trace, StoreQueries.one(store))
            if found.isEmpty { return nil }
        }
        return Page(try rows.map { try Brand(row: $0, store: store) }, limit: page.limit) { $0.id.number }
    }

    /// - Throws: ``Problem`` `store_not_found`, or `already_exists` for a name that a brand of the store has.
    func create(_ input: BrandInput, in store: StoreID, trace: RequestTrace) async throws -> Brand {
        let id: BrandID = ids.item(of: store)
        let rows = try await naming {
            try await database.write(store, trace: trace) { try await $0.query(BrandQueries.create(id, input)) }
        }
        guard let row = rows.first else { throw Problem(.storeNotFound, "There is no store \(store).") }
        let brand = try Brand(row: row, store: store)
        await cache.invalidate([(Self.subject(id), brand.version)], of: store, trace: trace)
        return brand
    }

    /// - Throws: ``Problem`` `brand_not_found`, `precondition_failed`, or `already_exists`.
    func update(
        _ id: BrandID, _ input: BrandInput, if precondition: Precondition, trace: RequestTrace
    ) async throws -> Brand {
        try await naming { try await change(id, BrandQueries.update(id, input, if: precondition), trace) }
    }

    /// Marks a brand as deleted.
    /// - Throws: ``Problem`` `brand_not_found`, `precondition_failed`, or `still_in_use` while products have it.
    func delete(_ id: BrandID, if precondition: Precondition, trace: RequestTrace) async throws {
        do {
            _ = try await change(id, BrandQueries.delete(id, if: precondition), trace)
        } catch let error as PostgresError where error.sqlState == .stillInUse {
            throw Problem(.stillInUse, "Products have this brand: give them another, or none, first.")
        }
    }

    private func change(_ id: BrandID, _ statement: Query, _ trace: RequestTrace) async throws -> Brand {
        let results = try await database.write(id.store, trace: trace) { writer in
            try await writer.unit([statement, BrandQueries.one(id)])
        }
        if let row = results[0].first {
            let brand = try Brand(row: row, store: id.store)
            await cache.invalidate([(Self.subject(id), brand.version)], of: id.store, trace: trace)
            return brand
        }
        guard let row = results[1].first else { throw Problem(.brandNotFound, "There is no brand \(id).") }
        let version = try Brand(row: row, store: id.store).version
        throw Problem(.preconditionFailed, "The brand is at version \(version) now: read it again.")
    }

    private func naming<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError where error.sqlState == .uniqueViolation {
            throw Problem(.alreadyExists, "A brand of this name exists already in this store.")
        }
    }
}
