import Testing

@testable import Chaos

@Suite struct WorkloadTests {
    @Test("arrivals keep to their rate, come from the seed, and never run backwards")
    func arrivals() {
        func times(_ seed: UInt64) -> [Int64] {
            var schedule = ArrivalSchedule(rate: 400, start: 1_000, random: SeededRandom(seed: seed))
            return (0..<8_000).map { _ in schedule.next() }
        }
        let first = times(1)
        #expect(first == times(1))
        #expect(first != times(2))
        #expect(zip(first, first.dropFirst()).allSatisfy { $0 <= $1 })
        let seconds = Double(first[7_999] - 1_000) / 1e9
        #expect((18.5...21.5).contains(seconds), "8,000 arrivals at 400/s took \(seconds) s")
    }

    @Test("half of the product reads walk through everything, so that no cache answers them all")
    func spread() {
        let catalogue = Catalogue(
            stores: (0..<4).map { Catalogue.Store(id: "s\($0)", group: "shard-\($0 % 2)") },
            products: (0..<5_000).map { Catalogue.Product(id: "p\($0)", store: $0 % 4) }, skus: [])
        var random = SeededRandom(seed: 3)
        var plan = BrowsePlan(catalogue: catalogue, random: &random)
        let reads = (0..<4_000).map { _ in plan.next(&random) }
        let products = reads.filter { $0.function == "product" }
        #expect((2_900...3_500).contains(products.count))
        #expect(Set(products.map(\.key)).count > 1_500)
        #expect(Set(reads.map(\.store.group)) == ["shard-0", "shard-1"])
        #expect(reads.filter { $0.function == "products" }.allSatisfy { $0.path.contains("?limit=") })
    }

    @Test("an order that is accepted or refused is settled; one turned away is given up")
    func settled() {
        for end in [OrderProgress.End.accepted, .refused, .turnedAway, .inProgress] {
            var progress = OrderProgress()
            progress.attemptEnded(end)
            #expect(progress.retry(jitter: 0.5) == nil)
        }
    }

    @Test("an unknown outcome is asked again until it is settled, with growing waits, whatever turns it away between")
    func unknown() {
        var progress = OrderProgress()
        progress.attemptEnded(.unknown)
        var waits: [Duration] = []
        for _ in 0..<6 {
            waits.append(progress.retry(jitter: 1) ?? .zero)
            progress.attemptEnded(.turnedAway)
        }
        #expect(waits == [500, 1_000, 2_000, 4_000, 4_000, 4_000].map { .milliseconds($0) })
        progress.attemptEnded(.accepted)
        #expect(progress.retry(jitter: 1) == nil)
    }

    @Test("an order is not tried for ever")
    func bounded() {
        var progress = OrderProgress()
        var attempts = 0
        repeat {
            progress.attemptEnded(.unknown)
            attempts += 1
        } while progress.retry(jitter: 0) != nil && attempts < 1_000
        #expect(attempts == OrderProgress.maximumAttempts)
    }

    @Test(
        "statuses mean what the interface says",
        arguments: [
            (201, nil, OrderProgress.End.accepted), (200, nil, .accepted), (503, "unavailable", .turnedAway),
            (429, nil, .turnedAway), (504, "outcome_unknown", .unknown), (500, nil, .unknown), (502, nil, .unknown),
            (409, "order-in-progress", .inProgress), (409, "out_of_stock", .refused), (422, nil, .refused),
        ])
    func statuses(status: Int, code: String?, end: OrderProgress.End) {
        #expect(OrderProgress.end(status: status, code: code) == end)
    }

    @Test("a process whose operation ended unknown is never used again, and the bound holds")
    func processes() throws {
        let pool = ProcessPool(limit: 2)
        let first = try #require(pool.take())
        let second = try #require(pool.take())
        #expect(pool.take() == nil)
        pool.giveBack(first, isRetired: true)
        pool.giveBack(second, isRetired: false)
        let next = [try #require(pool.take()), try #require(pool.take())]
        #expect(next.contains(second) && !next.contains(first))
    }
}
