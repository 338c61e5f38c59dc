import NIOCore
import Postgres

/// The SQL and the caching of products.
struct ProductStore: Sendable {
    let database: RoutedDatabase
    let cache: TieredCache
    let ids: IDGenerator

    // MARK: Reading

    /// One product's answer with its version as the tag; nil when there is none.
    func answer(_ id: ProductID, trace: RequestTrace) async throws -> CacheEntry? {
        try database.refuseLostSession(of: id.store, trace)
        let entry = try await cache.product(id, trace: trace) { trace in
            let rows = try await database.read(id.store.routingKey, .point, trace: trace, ProductQueries.published(id))
            guard let row = rows.first else { return nil }
            let product = try Product(row: row, store: id.store)
            return CacheEntry(
                tag: String(product.version), body: Envelope.body(product), number: product.version)
        }
        markIfReadOnly(id.store, trace)
        return entry
    }

    /// One page's answer; nil when there is no such store.
    func answer(
        _ filter: ProductFilter, _ page: PageRequest, of store: StoreID, trace: RequestTrace
    ) async throws -> ByteBuffer? {
        try database.refuseLostSession(of: store, trace)
        let load: TieredCache.Load = { trace in
            let products = try await list(filter, page, of: store, trace: trace)
            if products.items.isEmpty, try await !exists(store, trace: trace) { return nil }
            return CacheEntry(tag: "", body: Envelope.body(products.items, nextCursor: products.next?.description))
        }
        guard filter.isCacheable else { return try await load(trace)?.body }
        let entry = try await cache.page(filter, page, of: store, trace: trace, load: load)
        markIfReadOnly(store, trace)
        return entry?.body
    }

    private func list(
        _ filter: ProductFilter, _ page: PageRequest, of store: StoreID, trace: RequestTrace
    ) async throws -> Page<Product> {
        let rows = try await database.read(
            store.routingKey, .list, trace: trace, ProductQueries.page(filter, page, of: store))
        let products = try rows.map { try Product(row: $0, store: store) }
        return Page(products, limit: page.limit) { $0.id.number }
    }

    private func exists(_ store: StoreID, trace: RequestTrace) async throws -> Bool {
        try await !database.read(store.routingKey, .point, trace: trace, StoreQueries.one(store)).isEmpty
    }

    /// What the cache answers is no newer than the database can be now.
    private func markIfReadOnly(_ store: StoreID, _ trace: RequestTrace) {
        guard let cache = trace.record.cache, [.hit, .memory].contains(cache) else { return }
        trace.degraded(database.router.shard(of: store.routingKey).degradation(of: nil))
    }

    // MARK: Writing

    /// - Throws: ``Problem`` `store_not_found`, `already_exists` for a SKU that the store has, or `validation_failed`
    ///   for a brand that it has not.
    func create(_ input: ProductInput, in store: StoreID, trace: RequestTrace) async throws -> Product {
        let id: ProductID = ids.item(of: store)
        let rows = try await explaining {
            try await database.write(store, trace: trace) { writer in
                try await writer.unit([ProductChanges.create(id, input), ProductQueries.any(id)])[1]
            }
        }
        guard let row = rows.first else { throw Problem(.storeNotFound, "There is no store \(store).") }
        let product = try Product(row: row, store: store)
        await cache.invalidate(store: store, products: [id], versions: [product.version], trace: trace)
        return product
    }

    /// Replaces name, description and category; see ``ProductInput`` for the rest.
    /// - Throws: ``Problem`` `product_not_found`, `precondition_failed`, `already_exists` for a SKU of another product,
    ///   or `validation_failed` for a brand that is not there.
    func update(
        _ id: ProductID, _ input: ProductInput, if precondition: Precondition, trace: RequestTrace
    ) async throws -> Product {
        let results = try await explaining {
            try await cache.endingIfUnknown([id], of: id.store) {
                try await database.write(id.store, trace: trace) { writer in
                    try await writer.unit([ProductChanges.update(id, input, if: precondition), ProductQueries.any(id)])
                }
            }
        }
        let product = try results[1].first.map { try Product(row: $0, store: id.store) }
        guard let product, !results[0].isEmpty else { throw Self.refusal(id, found: product) }
        await cache.invalidate(store: id.store, products: [id], versions: [product.version], trace: trace)
        return product
    }

    /// Marks a product as deleted; its SKUs cannot be ordered any more.
    /// - Throws: ``Problem`` `product_not_found` or `precondition_failed`.
    func delete(_ id: ProductID, if precondition: Precondition, trace: RequestTrace) async throws {
        let results = try await cache.endingIfUnknown([id], of: id.store) {
            try await database.write(id.store, trace: trace) { writer in
                try await writer.unit([ProductChanges.delete(id, if: precondition), ProductQueries.any(id)])
            }
        }
        guard let version = try results[0].first?.value(0, as: Int64.self) else {
            throw Self.refusal(id, found: try results[1].first.map { try Product(row: $0, store: id.store) })
        }
        await cache.invalidate(store: id.store, products: [id], versions: [version], trace: trace)
    }

    private static func refusal(_ id: ProductID, found product: Product?) -> Problem {
        guard let product else { return Problem(.productNotFound, "There is no product \(id).") }
        return Problem(.preconditionFailed, "The product is at version \(product.version) now: read it again.")
    }

    /// Says in words of the API what the database refused.
    private func explaining<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError where [.uniqueViolation, .takenSKU].contains(error.sqlState) {
            throw Problem(.alreadyExists, "One of these SKUs is another product's in this store.")
        } catch let error as PostgresError where error.sqlState == .unknownStore {
            throw Problem(.storeNotFound, "The store has just been deleted.")
        } catch let error as PostgresError where error.sqlState == .unknownBrand {
            throw Problem(
                .validationFailed, "There is no such brand in this store.", errors: [ProductInput.unknownBrand])
        }
    }
}
