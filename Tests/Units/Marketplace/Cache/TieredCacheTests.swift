import NIOCore
import Postgres
import Synchronization
import Testing

@testable import Marketplace

@Suite("Memory over Redis over the database", .timeLimit(.minutes(3)))
struct TieredCacheTests {
    typealias Server = CacheBench.Server

    private let store = StoreID(number: 5)
    private var product: CacheSubject { .product(ProductID(store: store, number: 7)) }

    @Test("the first read loads, the next comes from memory, another server's from Redis")
    func layers() async throws {
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            try await bench.serve { (first: Server) async throws in
                #expect(try await first.source(product) == .miss)
                #expect(try await first.source(product) == .memory)
                try await bench.serve { (second: Server) async throws in
                    try await eventually("it is filled") { try await second.source(product) != .miss }
                    #expect(try await second.source(product) == .memory)
                }
                #expect(bench.database.loads <= 2)
            }
        }
    }

    @Test("without the memory cache Redis answers; without both layers the answers are the same")
    func featuresOff() async throws {
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            try await bench.serve({ $0.features[.memoryCache] = false }) { (server: Server) async throws in
                #expect(try await server.read(product) == "1")
                try await eventually("it is filled") { try await server.source(product) == .hit }
                #expect(server.cache.memory.count == 0)
            }
        }
    }

    @Test("a change on one server ends what another has in memory")
    func coherence() async throws {
        try await withCaches { bench in
            try await bench.serve { (writer: Server) async throws in
                try await bench.serve { (reader: Server) async throws in
                    for version in 1...50 as ClosedRange<Int64> {
                        bench.database.set(product, to: version)
                        await writer.tell(product, version: version)
                        #expect(try await writer.read(product) == "\(version)")
                        try await eventually("the reader is told") { try await reader.read(product) == "\(version)" }
                        try await eventually("it comes from memory") { try await reader.source(product) == .memory }
                    }
                }
            }
        }
    }

    @Test("a reader that is held between load and fill puts nothing old over the new", arguments: [1, 0] as [Int64?])
    func heldReader(versionOfChange: Int64?) async throws {
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            try await bench.serve { (writer: Server) async throws in
                try await bench.serve { (reader: Server) async throws in
                    let (loaded, changed) = (AsyncGate(), AsyncGate())
                    let held = Task {
                        try await reader.read(product) { _ in
                            let old = try bench.database.read(product)
                            await loaded.open()
                            await changed.wait()
                            return old
                        }
                    }
                    await loaded.wait()
                    bench.database.set(product, to: 2)
                    // Without a version of the thing's own nothing may be kept for a while.
                    await writer.tell(product, version: versionOfChange == 1 ? 2 : nil)
                    await changed.open()
                    #expect(try await held.value == "1")
                    #expect(try await writer.read(product) == "2")
                    try await eventually("the reader is told") { try await reader.read(product) == "2" }
                    for server in [reader, writer] { #expect(try await server.read(product) == "2") }
                }
            }
        }
    }

    /// A commit is in the log before others can see it: what is read in that moment is old, at a position that has it.
    @Test("what changed while a reader loaded ends its fill, whatever position it names", arguments: [true, false])
    func readWhileCommitting(isGuarded: Bool) async throws {
        try await withCaches { bench in
            try await bench.serve({ $0.features[.stampedeGuard] = isGuarded }) { (server: Server) async throws in
                let redis = try #require(server.cache.redis)
                let committed = CacheVersion(
                    number: nil,
                    position: CachePosition(
                        placement: 0, position: ShardPosition(timeline: 1, wal: WALPosition(bytes: 100))))
                func look(_ token: String) async throws -> RedisCache.Miss {
                    guard case .miss(let miss) = try await redis.look(product, token: token, deadline: soon)
                    else { throw CancellationError() }
                    return miss
                }
                var stock = CacheEntry(tag: "5", body: ByteBuffer(string: "5 left"))
                stock.lifetime = .seconds(60)
                stock.version = committed
                let before = try await look("before")
                try await redis.change([CacheChange(subject: product, version: committed)], deadline: soon)
                try await redis.fill(product, stock, token: "before", miss: before, deadline: soon)
                #expect(try await !server.isInRedis(product))
                try await redis.release(product, token: "before", deadline: soon)
                let after = try await look("after")
                try await redis.fill(product, stock, token: "after", miss: after, deadline: soon)
                #expect(try await server.isInRedis(product))
            }
        }
    }

    @Test("the greatest version wins, in whatever order they come")
    func versions() async throws {
        try await withCaches { bench in
            try await bench.serve({ $0.features[.memoryCache] = false }) { (server: Server) async throws in
                bench.database.set(product, to: 3)
                #expect(try await server.read(product) == "3")
                try await eventually("it is filled") { try await server.source(product) == .hit }
                // A change that is told late ends nothing that has it.
                await server.tell(product, version: 2)
                #expect(try await server.source(product) == .hit)
                await server.tell(product, version: 4)
                // A replica that is behind still shows the third.
                #expect(try await server.source(product) == .miss)
                #expect(try await server.source(product) == .miss)
                bench.database.set(product, to: 4)
                #expect(try await server.read(product) == "4")
                try await eventually("it is filled") { try await server.source(product) == .hit }
            }
        }
    }

    @Test("that there is no such thing is kept too, and ends when there is")
    func negative() async throws {
        try await withCaches { bench in
            try await bench.serve { (server: Server) async throws in
                #expect(try await server.read(product) == nil)
                #expect(try await server.read(product) == nil)
                #expect(bench.database.loads == 1)
                bench.database.set(product, to: 1)
                await server.tell(product, version: 1)
                #expect(try await server.read(product) == "1")
            }
        }
    }

    @Test("that there is no such thing is kept in Redis too, for the other servers")
    func negativeInRedis() async throws {
        try await withCaches { bench in
            try await bench.serve({ $0.features[.memoryCache] = false }) { (server: Server) async throws in
                try await eventually("Redis says so", within: .seconds(10)) {
                    try await server.source(product) == .hit
                }
                // That one may have waited for the first one's fill: then its look was counted as the miss it was.
                #expect(try await server.source(product) == .hit)
                #expect(server.metrics.cache.result(.redis, .negative).value >= 1)
                bench.database.set(product, to: 1)
                await server.tell(product, version: 1)
                #expect(try await server.read(product) == "1")
            }
        }
    }

    @Test("a change ends all pages of its list")
    func pages() async throws {
        let pages = ["a", "b"].map { CacheSubject.page(.list, $0, of: store) }
        try await withCaches { bench in
            for page in pages { bench.database.set(page, to: 1) }
            try await bench.serve({ $0.cache.tombstone = .milliseconds(50) }) { (server: Server) async throws in
                for page in pages {
                    try await eventually("it is kept") { try await server.source(page) == .memory }
                    bench.database.set(page, to: 2)
                }
                await server.tell(pages[0], version: nil)
                for page in pages {
                    #expect(try await server.read(page) == "2")
                    try await eventually("it is kept again") { try await server.source(page) == .memory }
                }
            }
        }
    }

    @Test("what a session has seen is asked of every layer")
    func session() async throws {
        @Sendable func position(_ bytes: UInt64) -> ShardPosition {
            ShardPosition(timeline: 1, wal: WALPosition(bytes: bytes))
        }
        func trace(_ bytes: UInt64) -> RequestTrace {
            let trace = RequestTrace()
            trace.begin(ConsistencyToken(positions: ["shard-0": position(bytes)]), mapVersion: 1)
            return trace
        }
        try await withCaches { bench in
            bench.database.set(product, to: 1)
            try await bench.serve { (server: Server) async throws in
                let load: TieredCache.Load = { trace in
                    trace.position(position(100))
                    trace.saw("shard-0", position(120))
                    return try bench.database.read(product)
                }
                #expect(try await server.read(product, load: load) == "1")
                let early = trace(90)
                #expect(try await server.read(product, trace: early, load: load) == "1")
                #expect(early.record.cache == .memory && early.requirement(of: "shard-0") == position(120))
                let late = trace(110)
                bench.database.set(product, to: 2)
                let fresh = try await server.read(product, trace: late) { trace in
                    trace.position(trace.requirement(of: "shard-0"))
                    return try bench.database.read(product)
                }
                #expect(fresh == "2")
                #expect(late.record.cache == .miss)
            }
        }
    }

    @Test("entries end at times of their own, within a tenth of the lifetime")
    func jitter() async throws {
        try await withCaches { bench in
            try await bench.serve { (server: Server) async throws in
                var lifetimes: Set<Duration> = []
                for number in 1...40 as ClosedRange<Int64> {
                    let subject = CacheSubject.product(ProductID(store: store, number: number))
                    bench.database.set(subject, to: 1)
                    _ = try await server.read(subject)
                    let now = Environment.live.now()
                    let entry = server.cache.memory.look(subject.key, in: subject.scope, now: now).found?.entry
                    lifetimes.insert(entry?.lifetime ?? .zero)
                }
                #expect(lifetimes.allSatisfy { $0 >= .seconds(54) && $0 <= .seconds(66) })
                #expect(lifetimes.count > 30)
            }
        }
    }
}
