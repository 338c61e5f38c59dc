import Logging
import NIOCore
import Resilience

/// Cache-aside: ask the cache, on a miss the database, and leave the answer in the cache. The cache may be slow, gone
/// or wrong: a call to it is short, its breaker opens, and the database answers; at most one load per key at a time.
public struct CacheAside: Sendable {
    /// What a load brought.
    struct Loaded: Sendable {
        /// Nil: there is no such thing, which is not kept.
        let entry: CacheEntry?
        /// Where it came from.
        let record: RequestTrace.Record
    }

    typealias Load = @Sendable (RequestTrace) async throws -> CacheEntry?

    /// Nil: no cache, by the feature or because none is set.
    let cache: ProductCache?
    let dependency: Dependency?
    /// Nil when the feature is off: everyone loads for themselves.
    let flights: SingleFlight<String, Loaded>?
    let settings: CacheSettings
    let readDeadline: Duration
    let environment: Environment
    let metrics: MarketplaceMetrics

    /// One product's answer; nil when there is no such product.
    func product(_ id: ProductID, trace: RequestTrace, load: @escaping Load) async throws -> CacheEntry? {
        let key = CacheKeys.product(id)
        let lookup = await lookUp(trace) { try await $0.product(key, deadline: $1) }
        if case .hit(let entry) = lookup { return entry }
        guard let entry = try await loaded(key, trace, load) else { return nil }
        if case .miss(.some) = lookup {
            fill { try await $0.fillProduct(key, entry, deadline: $1) }
        }
        return entry
    }

    /// One page's answer.
    func page(
        _ filter: ProductFilter, _ page: PageRequest, of store: StoreID, trace: RequestTrace, load: @escaping Load
    ) async throws -> CacheEntry? {
        let key = CacheKeys.page(of: store, filter, page)
        let lookup = await lookUp(trace) { try await $0.page(key, of: store, deadline: $1) }
        if case .hit(let entry) = lookup { return entry }
        // Only those who saw the same generation share a load: one begun before a change is no answer after it.
        guard case .miss(let tag?) = lookup else { return try await loaded(key + ":-", trace, load) }
        guard let entry = try await loaded(key + ":" + tag, trace, load) else { return nil }
        fill { try await $0.fillPage(key, CacheEntry(tag: tag, body: entry.body), deadline: $1) }
        return entry
    }

    /// Call after the commit of a change. Failing is no error: entries end by themselves after their lifetime.
    func invalidate(store: StoreID, products: [ProductID]) async {
        _ = try? await call { try await $0.invalidate(store: store, products: products, deadline: $1) }
    }

    // MARK: Parts

    private func lookUp(
        _ trace: RequestTrace, _ ask: (ProductCache, ContinuousClock.Instant) async throws -> ProductCache.Lookup
    ) async -> ProductCache.Lookup {
        guard cache != nil else { return .miss(fillTag: nil) }
        do {
            let lookup = try await call(ask) ?? .miss(fillTag: nil)
            let result: RequestTrace.CacheResult = if case .hit = lookup { .hit } else { .miss }
            trace.cache(result)
            metrics.cache(result).add()
            return lookup
        } catch {
            trace.cache(.error)
            metrics.cache(.error).add()
            return .miss(fillTag: nil)
        }
    }

    private func loaded(_ key: String, _ trace: RequestTrace, _ load: @escaping Load) async throws -> CacheEntry? {
        guard let flights else { return try await load(trace) }
        do {
            let loaded = try await flights.value(for: key, deadline: environment.now() + readDeadline) {
                let own = RequestTrace()
                let entry = try await load(own)
                return Loaded(entry: entry, record: own.record)
            }
            trace.merge(loaded.record)
            return loaded.entry
        } catch let error as SingleFlightError {
            throw Problem(.unavailable, "\(error)", retryAfter: .seconds(1))
        }
    }

    /// Nobody waits for a fill; it takes a slot of the cache's bulkhead and ends by its deadline.
    private func fill(_ put: @escaping @Sendable (ProductCache, ContinuousClock.Instant) async throws -> Void) {
        guard dependency?.isAvailable == true else { return }
        Task { try? await call(put) }
    }

    private func call<Value: Sendable>(
        _ body: (ProductCache, ContinuousClock.Instant) async throws -> Value
    ) async throws -> Value? {
        guard let cache, let dependency else { return nil }
        let deadline = environment.now() + settings.callDeadline
        return try await dependency.call(deadline: deadline) { try await body(cache, deadline) }
    }
}
