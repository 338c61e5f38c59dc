import Redis
import Synchronization

/// Brings in what was wanted last before the first reader has to wait for it. What is wanted is noted in Redis by every
/// server, so that one that starts knows what its neighbours are asked for, and what it was itself.
final class WarmUp: Sendable {
    /// Reads a product as any reader would; throws when that failed.
    typealias Read = @Sendable (ProductID) async throws -> Void

    private let cache: TieredCache
    private let read: Read
    private let settings: CacheSettings
    private let environment: Environment
    private let isDone = Atomic<Bool>(false)
    private let began = Mutex<ContinuousClock.Instant?>(nil)

    private static let name = "wanted:products"
    private static let attempts = 3
    private static let retryPause = Duration.milliseconds(50)
    /// Of the note in Redis; who was wanted longer ago is not worth a load.
    private static let noteLifetimeSeconds: Int64 = 3600

    init(cache: TieredCache, settings: CacheSettings, environment: Environment, read: @escaping Read) {
        self.cache = cache
        self.settings = settings
        self.environment = environment
        self.read = read
    }

    /// Whether a server that has started should still not be asked: never for longer than the bound.
    var holdsReadiness: Bool {
        if isDone.load(ordering: .relaxed) || settings.warmUpKeys == 0 || cache.redis == nil { return false }
        let now = environment.now()
        return began.withLock { began in
            guard let since = began else {
                began = now
                return true
            }
            return now - since < settings.warmUpBound
        }
    }

    /// Reads the products that were wanted last, a few at a time, each up to three times. Goes on behind the bound for
    /// as long again: what it brings is of use all the same.
    func run() async {
        defer { isDone.store(true, ordering: .relaxed) }
        guard settings.warmUpKeys > 0, cache.redis != nil else { return }
        let end = environment.now() + settings.warmUpBound * 2
        let products = await wanted(until: end)
        let width = settings.warmUpConcurrency
        await withTaskGroup(of: Void.self) { group in
            for first in 0..<min(width, products.count) {
                group.addTask { [self] in
                    for place in stride(from: first, to: products.count, by: width) {
                        guard !Task.isCancelled, environment.now() < end else { return }
                        await bring(products[place], until: end)
                    }
                }
            }
        }
    }

    /// Notes what is asked for here.
    func note() async {
        guard settings.warmUpKeys > 0 else { return }
        let keys = cache.memory.wanted(limit: settings.warmUpKeys)
        let now = environment.wallClock().microseconds / 1_000_000
        let products = keys.compactMap { CacheSubject.product(named: $0) }
        guard !products.isEmpty else { return }
        let pairs = products.flatMap { [RedisArgument.integer(now), .text("\($0)")] }
        let limit = Int64(settings.warmUpKeys)
        _ = try? await cache.call { redis, deadline in
            _ = try await redis.redis.send(
                RedisCommand("ZADD", [.text(Self.name)] + pairs), deadline: deadline)
            _ = try await redis.redis.send(
                RedisCommand("ZREMRANGEBYRANK", .text(Self.name), 0, .integer(-limit - 1)), deadline: deadline)
            _ = try await redis.redis.send(
                RedisCommand("EXPIRE", .text(Self.name), .integer(Self.noteLifetimeSeconds)), deadline: deadline)
        }
    }

    // MARK: Parts

    private func wanted(until end: ContinuousClock.Instant) async -> [ProductID] {
        let last = Int64(settings.warmUpKeys - 1)
        while !Task.isCancelled, environment.now() < end {
            let reply = try? await cache.call { redis, deadline in
                try await redis.redis.send(
                    RedisCommand("ZREVRANGE", .text(Self.name), 0, .integer(last)), deadline: deadline)
            }
            if let reply { return (reply.array ?? []).compactMap { $0.string.flatMap { ProductID($0) } } }
            do { try await environment.sleep(for: Self.retryPause) } catch { break }
        }
        return []
    }

    private func bring(_ product: ProductID, until end: ContinuousClock.Instant) async {
        for attempt in 1...Self.attempts {
            do {
                try await read(product)
                return cache.metrics.warmed.add()
            } catch {
                guard attempt < Self.attempts, environment.now() < end else { return }
                do { try await environment.sleep(for: Self.retryPause * attempt) } catch { return }
            }
        }
    }
}
