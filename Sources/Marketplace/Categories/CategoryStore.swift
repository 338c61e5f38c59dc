import Postgres

/// Keeps the tree of categories. That it is one, the database sees to: see `check_category_tree`.
struct CategoryStore: Sendable {
    let database: RoutedDatabase
    let cache: TieredCache
    let ids: IDGenerator

    /// One category's answer with its version as the tag; nil when there is none.
    func answer(_ id: CategoryID, trace: RequestTrace) async throws -> CacheEntry? {
        try database.refuseLostSession(of: id.store, trace)
        return try await cache.answer(Self.subject(id), trace: trace) { trace in
            let rows = try await database.read(id.store.routingKey, .point, trace: trace, CategoryQueries.one(id))
            return try rows.first.map { row in
                let category = try Category(row: row, store: id.store)
                return CacheEntry(tag: "\(category.version)", body: Envelope.body(category), number: category.version)
            }
        }
    }

    private static func subject(_ id: CategoryID) -> CacheSubject {
        .item(.category, "\(id)", of: id.store)
    }

    /// What is directly below a category, or at the top of the store's tree; oldest first.
    /// - Throws: ``Problem`` `store_not_found` or `category_not_found`.
    func children(
        of parent: CategoryID?, _ page: PageRequest, in store: StoreID, trace: RequestTrace
    ) async throws -> Page<Category> {
        let rows = try await database.read(
            store.routingKey, .list, trace: trace, CategoryQueries.children(of: parent, page, in: store))
        if rows.isEmpty {
            let above = parent.map(CategoryQueries.one) ?? StoreQueries.one(store)
            if try await database.read(store.routingKey, .point, trace: trace, above).isEmpty {
                if let parent { throw Self.notFound(parent) }
                throw Problem(.storeNotFound, "There is no store \(store).")
            }
        }
        return Page(try rows.map { try Category(row: $0, store: store) }, limit: page.limit) { $0.id.number }
    }

    /// - Throws: ``Problem`` `store_not_found`, `already_exists` for a slug that the store has, or `validation_failed`
    ///   for a parent that is not there or too deep.
    func create(_ input: CategoryInput, in store: StoreID, trace: RequestTrace) async throws -> Category {
        let id: CategoryID = ids.item(of: store)
        let rows = try await explaining {
            try await database.write(store, trace: trace) { try await $0.query(CategoryQueries.create(id, input)) }
        }
        guard let row = rows.first else { throw Problem(.storeNotFound, "There is no store \(store).") }
        let category = try Category(row: row, store: store)
        await cache.invalidate([(Self.subject(id), category.version)], of: store, trace: trace)
        return category
    }

    /// Renames it, or hangs it elsewhere with all that is below it.
    /// - Throws: ``Problem`` `category_not_found`, `precondition_failed`, or `validation_failed` for another slug, or
    ///   for a parent that is not there, below the category itself, or too deep.
    func update(
        _ id: CategoryID, _ input: CategoryInput, if precondition: Precondition, trace: RequestTrace
    ) async throws -> Category {
        try await explaining { try await change(id, CategoryQueries.update(id, input, if: precondition), trace) }
    }

    /// Marks a category as deleted.
    /// - Throws: ``Problem`` `category_not_found`, `precondition_failed`, or `still_in_use` while products or
    ///   categories are in it.
    func delete(_ id: CategoryID, if precondition: Precondition, trace: RequestTrace) async throws {
        _ = try await explaining { try await change(id, CategoryQueries.delete(id, if: precondition), trace) }
    }

    private func change(_ id: CategoryID, _ statement: Query, _ trace: RequestTrace) async throws -> Category {
        let results = try await database.write(id.store, trace: trace) { writer in
            try await writer.unit([statement, CategoryQueries.one(id)])
        }
        if let row = results[0].first {
            let category = try Category(row: row, store: id.store)
            await cache.invalidate([(Self.subject(id), category.version)], of: id.store, trace: trace)
            return category
        }
        guard let row = results[1].first else { throw Self.notFound(id) }
        let version = try Category(row: row, store: id.store).version
        throw Problem(.preconditionFailed, "The category is at version \(version) now: read it again.")
    }

    static func notFound(_ id: CategoryID) -> Problem {
        Problem(.categoryNotFound, "There is no category \(id).")
    }

    /// Says in words of the API what the database refused.
    private func explaining<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            switch error.sqlState {
            case .uniqueViolation: throw Problem(.alreadyExists, "A category with this slug exists already.")
            case .stillInUse: throw Problem(.stillInUse, "Products or categories are in it: put them elsewhere first.")
            case .unknownParent: throw Self.invalid(CategoryInput.unknownParent)
            // The check is that of a parent that is the category itself.
            case .circle, .checkViolation:
                throw Self.invalid(Problem.Detail(pointer: "/parentId", message: "is below the category itself"))
            case .tooDeep:
                throw Self.invalid(Problem.Detail(pointer: "/parentId", message: "makes more than 8 levels"))
            case .slugChanged: throw Self.invalid(Problem.Detail(pointer: "/slug", message: "cannot be changed"))
            default: throw error
            }
        }
    }

    private static func invalid(_ detail: Problem.Detail) -> Problem {
        Problem(.validationFailed, "The category cannot be there; see errors.", errors: [detail])
    }
}
