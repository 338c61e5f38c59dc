import Synchronization
import Testing

@testable import Marketplace

/// One server changes a product a hundred times a second; another is asked for it all the while.
final class CacheRace: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What a reader saw: since when it had been waiting, and which version came.
    struct Sight: Sendable {
        let asked: Instant
        /// 0 when none came.
        let version: Int
        let source: String?
    }

    private struct State {
        /// When each version was; version n stands at n - 1.
        var acknowledged: [Instant] = [.now]
        var seen: [Sight] = []
        var isOver = false
    }

    let writing, reading: MarketplaceClient
    private let path: String
    private let readsOwn: Bool
    private let state = Mutex(State())

    /// - Parameter readsOwn: whether the server that changes it is asked as well, after each change.
    init(writing: MarketplaceClient, reading: MarketplaceClient, readsOwn: Bool) async throws {
        let store = try await writing.makeStore()
        let product = try await writing.makeProduct(in: store, sku: "MUG-1", quantity: 5)
        path = "/v1/stores/\(store)/products/\(product)"
        self.writing = writing
        self.reading = reading
        self.readsOwn = readsOwn
    }

    /// Goes on for as long as the body takes.
    func run(_ body: (CacheRace) async throws -> Void) async throws {
        async let writes: Void = write()
        async let reads: Void = read()
        let result = await Result { try await body(self) }
        state.withLock { $0.isOver = true }
        try await writes
        try await reads
        try result.get()
    }

    /// Returns when so many more changes have been acknowledged.
    func changes(_ count: Int) async throws {
        let goal = state.withLock { $0.acknowledged.count } + count
        try await eventually("\(count) more changes") { state.withLock { $0.acknowledged.count } >= goal }
    }

    /// Whether both servers use Redis, and the one that writes has told it everything.
    var isSettled: Bool {
        let caches = [writing, reading].map(\.marketplace.cache)
        return caches.allSatisfy { cache in
            cache.state.owesNothing && cache.dependency?.isAvailable == true
                && cache.coherence?.isVouched(at: .now) == true
        }
    }

    /// What was seen so far.
    var seen: [Sight] { state.withLock { $0.seen } }

    /// How much older than its acknowledged successor the oldest of these was.
    func oldest(_ seen: [Sight]) -> Duration {
        let acknowledged = state.withLock { $0.acknowledged }
        let ages = seen.map { sight -> Duration in
            // Version n is superseded when n + 1 is acknowledged, which stands at index n.
            sight.version < acknowledged.count ? max(.zero, sight.asked - acknowledged[sight.version]) : .zero
        }
        return ages.max() ?? .zero
    }

    // MARK: Parts

    private func write() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        var number = 0
        while !state.withLock({ $0.isOver }) {
            number += 1
            let answer = try await writing.request(
                .put, path, #"{"name":"Mug \#(number)","category":"kitchen"}"#, ["If-Match": "\"\(number)\""])
            try #require(answer.status == .ok)
            state.withLock { $0.acknowledged.append(.now) }
            if readsOwn {
                // Nobody else changes it.
                let own = try await look(at: writing)
                #expect(own.version == number + 1, "from \(own.source ?? "nowhere")")
            }
            try await clock.sleep(until: start + .milliseconds(10) * number)
        }
    }

    private func read() async throws {
        while !state.withLock({ $0.isOver }) {
            let sight = try await look(at: reading)
            state.withLock { $0.seen.append(sight) }
            await Task.yield()
        }
    }

    private func look(at server: MarketplaceClient) async throws -> Sight {
        let asked = Instant.now
        let answer = try await server.get(path)
        let version = answer.status == .ok ? answer.json["data"]["version"].int : nil
        return Sight(asked: asked, version: version ?? 0, source: answer.cache)
    }
}
