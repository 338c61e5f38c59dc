import Foundation
import Redis
import Testing

@testable import Marketplace

@Suite("Memory, and changes that went untold", .timeLimit(.minutes(3)))
struct LostChannelTests {
    typealias Server = CacheBench.Server

    /// How a change comes to be told to nobody.
    enum Gap: CaseIterable {
        /// Redis dies, and comes back with nothing.
        case restarted
        /// Redis ends the reader's channel, which cannot be opened again for a while.
        case cutOff
        /// The data was changed beside all servers, and Redis is emptied for it.
        case flushed
    }

    private let product = CacheSubject.product(ProductID(store: StoreID(number: 5), number: 7))

    @Test("what has changed untold is not answered from memory", arguments: Gap.allCases)
    func untold(gap: Gap) async throws {
        let change = { @Sendable (settings: inout Settings) -> Void in
            // Nothing in memory ends by itself, nor stands in for Redis.
            settings.cache.product = .seconds(3600)
            settings.cache.unvouched = .zero
        }
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            try await bench.serve(change) { (writer: Server) async throws in
                try await bench.serve(change) { (reader: Server) async throws in
                    let coherence = try #require(reader.cache.coherence)
                    try await eventually("it is in memory") { try await reader.source(product) == .memory }
                    try await miss(gap, bench, writer, reader)
                    let back = ContinuousClock.now
                    // A ping that was sent since is answered.
                    try await eventually("what comes now is told") {
                        coherence.isVouched(at: back + reader.cache.settings.vouchBound)
                    }
                    #expect(try await reader.read(product) == "2")
                }
            }
        }
    }

    /// Returns when the product was changed, and the reader's channel can be opened.
    private func miss(_ gap: Gap, _ bench: CacheBench, _ writer: Server, _ reader: Server) async throws {
        let lost = reader.metrics.cache.coherenceLost
        let before = lost.value
        switch gap {
        case .restarted:
            bench.redis.kill()
            try await eventually("the channel is lost") { lost.value > before }
            bench.database.set(product, to: 2)
            await writer.tell(product, version: 2)
            try await bench.redis.launch()
        case .cutOff:
            // Who is connected stays so.
            let (path, aside) = (bench.redis.socketPath, bench.redis.socketPath + ".aside")
            try #require(rename(path, aside) == 0)
            _ = try await writer.client.send(RedisCommand("CLIENT", "KILL", "TYPE", "pubsub"), deadline: soon)
            try await eventually("the channel is lost") { lost.value > before }
            // Kept anew while nobody tells of changes.
            #expect(try await reader.read(product) == "1")
            bench.database.set(product, to: 2)
            await writer.tell(product, version: 2)
            try await eventually("Redis is told") { await writer.settle() }
            try #require(rename(aside, path) == 0)
        case .flushed:
            bench.database.set(product, to: 2)
            _ = try await writer.client.send(RedisCommand("FLUSHALL", []), deadline: soon)
        }
    }
}
