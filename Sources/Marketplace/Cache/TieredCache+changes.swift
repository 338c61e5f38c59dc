/// Ending what a change made untrue.
extension TieredCache {
    /// Call after the commit of a change to products, before it is acknowledged. Failing is no error: what could not be
    /// told to Redis is owed, and told when it answers again.
    /// - Parameters:
    ///   - versions: of the products after the change, in their order; nil when a change does not count there, as that
    ///     of stock.
    ///   - trace: of the request that committed; it says from which position on the change is seen.
    func invalidate(
        store: StoreID, products: [ProductID], versions: [Int64]? = nil, trace: RequestTrace? = nil
    ) async {
        let position = position(of: store, in: trace)
        var changes = products.enumerated().map { index, id in
            CacheChange(
                subject: .product(id),
                version: CacheVersion(
                    number: versions.flatMap { index < $0.count ? $0[index] : nil }, position: position))
        }
        changes.append(
            CacheChange(
                subject: .page(.list, "", of: store), version: CacheVersion(number: nil, position: position)))
        await end(changes)
    }

    /// Writes, and when nobody knows whether that took place, ends what it may have changed.
    /// - Throws: what the body throws.
    func endingIfUnknown<Value>(
        _ products: [ProductID], of store: StoreID, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let problem as Problem where problem.code == .outcomeUnknown {
            await invalidate(store: store, products: products)
            throw problem
        }
    }

    /// Call after the commit of a change to anything else of a store.
    /// - Parameters:
    ///   - subjects: what was changed, with its version afterwards, and a page of each list that shows it.
    ///   - trace: of the request that committed.
    func invalidate(
        _ subjects: [(subject: CacheSubject, number: Int64?)], of store: StoreID, trace: RequestTrace?
    ) async {
        let position = position(of: store, in: trace)
        await end(
            subjects.map {
                CacheChange(subject: $0.subject, version: CacheVersion(number: $0.number, position: position))
            })
    }

    private func position(of store: StoreID, in trace: RequestTrace?) -> CachePosition? {
        let home = homes(store, nil)
        guard let placement = home.placement, let position = trace?.commit(on: home.shard) else { return nil }
        return CachePosition(placement: placement, position: position)
    }

    private func end(_ changes: [CacheChange]) async {
        do {
            guard try await call({ try await $0.change(changes, deadline: $1) }) != nil else { return forget(changes) }
            metrics.changes.add(changes.count)
        } catch {
            metrics.changesOwed.add(changes.count)
            metrics.changesDropped.add(state.owe(changes))
        }
        // Last, so that nothing that was read from Redis before it knew can stay.
        forget(changes)
    }

    private func forget(_ changes: [CacheChange]) {
        for change in changes { memory.change(change.subject.scope) }
    }

    /// Tells Redis what it is owed, some of it.
    ///
    /// Also while the breaker serves its cooldown, once this server's own channel hears Redis again: so do the others',
    /// and what they keep meanwhile counts until somebody tells them.
    /// - Returns: whether there may be more that it would take.
    func settleSome() async -> Bool {
        guard let redis, let dependency else { return false }
        let isAvailable = dependency.isAvailable
        guard isAvailable || coherence?.isVouched(at: environment.now()) == true else { return false }
        let changes = state.nextOwed(64)
        guard !changes.isEmpty else { return false }
        do {
            if isAvailable {
                _ = try await call { try await $0.change(changes, deadline: $1) }
            } else {
                try await redis.change(changes, deadline: environment.now() + settings.callDeadline)
            }
        } catch {
            return false
        }
        metrics.changes.add(changes.count)
        state.settle(changes)
        return true
    }
}
