import Testing

@testable import Marketplace

@Suite("identifiers")
struct IdentifierTests {
    @Test("ids read back, carry their store, and sort as their numbers")
    func roundTrip() throws {
        var random = SeededRandom(seed: 1)
        for _ in 0..<1000 {
            let store = StoreID(number: random.idNumber())
            let product = ProductID(store: store, number: random.idNumber())
            let order = OrderID(store: store, number: random.idNumber())
            #expect(StoreID(store.description) == store)
            #expect(ProductID(product.description) == product)
            #expect(OrderID(order.description) == order)
            let other = StoreID(number: random.idNumber())
            #expect((store.description < other.description) == (store < other))
        }
        #expect(StoreID(StoreID(number: .max).description)?.number == .max)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "st_", "st_0000000000000", "st_00000000000001", "st_000000000001", "xx_0000000000001",
            "st_000000000000u", "st_8000000000000", "st_zzzzzzzzzzzzz", "st_000000000000é",
        ])
    func invalid(text: String) {
        #expect(StoreID(text) == nil)
    }

    @Test("numbers grow with time")
    func timeOrdered() {
        let early = IDGenerator.timeOrdered(milliseconds: 1_767_225_600_000, random: .max)
        let late = IDGenerator.timeOrdered(milliseconds: 1_767_225_600_001, random: 0)
        #expect(early < late && early > 0)
    }

    @Test("a map spreads stores evenly and answers the same each time")
    func shardMap() throws {
        let map = try ShardMap(shards: ["shard-0", "shard-1", "shard-2"])
        var random = SeededRandom(seed: 7)
        var counts = [0, 0, 0]
        for _ in 0..<30_000 {
            let key = StoreID(number: random.idNumber()).routingKey
            #expect(map.shard(of: key) == map.shard(of: key))
            counts[map.shard(of: key)] += 1
        }
        #expect(counts.allSatisfy { abs($0 - 10_000) < 500 }, "\(counts)")
    }

    @Test(
        "moments are read and written as RFC 3339",
        arguments: [
            ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00.000000Z"),
            ("2026-01-31T08:00:00.5+02:00", "2026-01-31T06:00:00.500000Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
            ("2024-02-29T00:00:00-00:30", "2024-02-29T00:30:00.000000Z"),
        ])
    func timestamps(text: String, written: String) {
        #expect(Timestamp(text)?.description == written)
    }

    @Test(
        "what is no moment is none",
        arguments: ["", "2026-01-31", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00", "x"])
    func noTimestamp(text: String) {
        #expect(Timestamp(text) == nil)
    }
}
