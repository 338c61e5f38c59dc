import Foundation
import HummingbirdTesting
import Postgres
import Synchronization
import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// A store goes to another shard while it is in use.
    @Suite("moving a store", .timeLimit(.minutes(8)))
    struct StoreMoveTests {
        /// Every order that was acknowledged is there once, none else is, and the stock says the same.
        private static func settled(
            _ fleet: ShardFleet, _ client: MarketplaceClient, store: String, stock: Int, load: OrderLoad, on shard: Int
        ) async throws {
            let other = 1 - shard
            #expect(try await fleet.rows(of: store, on: other) == 0, "rows were left behind")
            #expect(try await fleet.rows(of: store, on: shard, table: "orders") == load.orders.count)
            #expect(try await fleet.rows(of: store, on: shard, table: "idempotency_keys") == load.orders.count)
            #expect(try await client.stock(in: store, sku: "MUG-1") == stock - load.orders.count)
            #expect(Set(load.orders.values).count == load.orders.count)
            for (key, id) in load.orders.prefix(5) {
                let customer = "customer-" + key.split(separator: "-")[1]
                let again = try await client.order(in: store, sku: "MUG-1", key: key, customer: String(customer))
                #expect(again.header("Idempotent-Replayed") == "true" && again.json["data"]["id"].string == id)
            }
        }

        /// Moves a store there and back, once for each step, while it takes orders; then all of them are there once.
        private static func move(
            on fleet: ShardFleet, customers: Int,
            _ body: @escaping @Sendable (_ round: Int, _ step: String, _ store: String) async throws -> Void
        ) async throws {
            try await fleet.serve { client in
                let store = try await client.makeStore(on: 0)
                let stock = 1_000_000
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: stock)
                let load = OrderLoad()
                try await load.during(client, store: store, sku: "MUG-1", customers: customers) {
                    for (round, step) in StoreMoveEvent.names.enumerated() { try await body(round, step, store) }
                }
                // The last round went to shard-1 when there is an odd number of steps.
                try await settled(
                    fleet, client, store: store, stock: stock, load: load, on: StoreMoveEvent.names.count % 2)
                #expect(load.problems.isEmpty, "\(load.problems)")
            }
        }

        @Test("a mover that dies at any step is started again: every order once, none lost, writes wait briefly")
        func dies() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            let pauses = Pauses()
            try await Self.move(on: fleet, customers: 6) { round, step, store in
                let target = "shard-\((round + 1) % 2)"
                await #expect(throws: Death.self, "\(step)") {
                    try await fleet.move(store, to: target) { event in
                        pauses.saw(event)
                        if event.name == step { throw Death() }
                    }
                }
                if step != "done" { try await fleet.move(store, to: target) { pauses.saw($0) } }
            }
            #expect(pauses.longest < .milliseconds(500), "\(pauses.longest)")
            #expect(try await fleet.central.ask("SELECT count(*)::text FROM store_moves WHERE step = 'done'") == "13")
        }

        @Test("a mover killed with SIGKILL at any step leaves nothing that its successor cannot finish")
        func killed() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            try await Self.move(on: fleet, customers: 4) { round, step, store in
                let arguments = ["shard", "move", store, "--to", String((round + 1) % 2), "--keep", "0"]
                let mover = try MarketplaceProcess(arguments + ["--hold-at", step], fleet.variables)
                try await eventually("the mover has come to \(step)") {
                    mover.lines.contains { $0.hasPrefix(step) }
                }
                try await mover.kill()
                // Killed behind its last step it has nothing left to do.
                if step == "done" { return }
                let next = try MarketplaceProcess(arguments, fleet.variables)
                #expect(try await next.ended() == 0, "\(step): \(next.errors)")
            }
            for shard in fleet.shards {
                #expect(try await shard.ask("SELECT count(*)::text FROM store_changes") == "0")
                #expect(try await shard.ask("SELECT count(*)::text FROM pg_replication_slots") == "0")
            }
        }

        @Test("with replicas, caches and two servers a session reads what it wrote while its store moves")
        func session() async throws {
            let fleet = try await ShardFleet(isWhole: true)
            defer { fleet.stop() }
            try await fleet.serve { first in
                try await fleet.serve { second in
                    let store = try await first.makeStore(on: 0)
                    let product = try await first.makeProduct(in: store, sku: "MUG-1", quantity: 100_000)
                    let load = OrderLoad()
                    let session = MovingSession(store: store, product: product)
                    try await load.during(first, store: store, sku: "MUG-1", customers: 3) {
                        async let reading: Void = session.run(on: [first, second])
                        for round in 0..<4 { try await fleet.move(store, to: "shard-\((round + 1) % 2)") }
                        session.end()
                        try await reading
                    }
                    #expect(session.misses.isEmpty, "\(session.misses.prefix(5))")
                    #expect(session.reads > 100 && session.nodes.contains { $0.hasSuffix("replica-0") })
                    #expect(session.cached > 0 && Set(session.nodes.map { $0.prefix(7) }) == ["shard-0", "shard-1"])
                    try await Self.settled(fleet, first, store: store, stock: 100_000, load: load, on: 0)
                    try await Self.settled(fleet, second, store: store, stock: 100_000, load: load, on: 0)
                    #expect(load.problems.isEmpty, "\(load.problems)")
                }
            }
        }

        @Test("before the cut-over a move can be given up at any step, and nothing of it remains")
        func aborted() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            try await fleet.serve { client in
                let store = try await client.makeStore(on: 0)
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 100_000)
                let load = OrderLoad()
                try await load.during(client, store: store, sku: "MUG-1", customers: 3) {
                    for name in StoreMoveEvent.names.prefix(while: { $0 != "cut-over" }) {
                        await #expect(throws: Death.self, "\(name)") {
                            try await fleet.move(store, to: "shard-1") { if $0.name == name { throw Death() } }
                        }
                        try await fleet.owning { try await StoreMover(owner: $0).abort(#require(StoreID(store))) }
                        #expect(try await fleet.rows(of: store, on: 1) == 0)
                        for shard in fleet.shards {
                            #expect(try await shard.ask("SELECT count(*)::text FROM store_placements") == "0")
                        }
                    }
                }
                try await Self.settled(fleet, client, store: store, stock: 100_000, load: load, on: 0)
                await #expect(throws: Death.self) {
                    try await fleet.move(store, to: "shard-1") { if $0.name == "cut-over" { throw Death() } }
                }
                await #expect(throws: StoreMoveError.self) {
                    try await fleet.owning { try await StoreMover(owner: $0).abort(#require(StoreID(store))) }
                }
                try await fleet.move(store, to: "shard-1")
                #expect(load.problems.isEmpty, "\(load.problems)")
            }
        }

        @Test("what was left behind is refused for reads and writes, and servers without central follow all the same")
        func refused() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            try await fleet.serve { client in
                let store = try await client.makeStore(on: 0)
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 50)
                #expect(try await client.order(in: store, sku: "MUG-1", key: "one").status == .created)
                // The copy stays, since the mover dies before it cleans up; and the server hears nothing from central.
                await #expect(throws: Death.self) {
                    try await fleet.move(store, to: "shard-1") { event in
                        guard event.name == "cut-over" else { return }
                        try fleet.central.kill()
                        throw Death()
                    }
                }
                #expect(try await fleet.rows(of: store, on: 0, table: "orders") == 1)
                let number = try #require(StoreID(store)).number
                await #expect(throws: PostgresError.self) {
                    try await fleet.shards[0].ask("SELECT enter_store(\(number), false)::text")
                }
                let moved = try await client.get("/v1/stores/\(store)/products/\(product)")
                #expect(moved.status == .ok && moved.nodes.last == "shard-1-primary", "\(moved.nodes)")
                #expect(try await client.get("/v1/stores/\(store)").nodes.last == "shard-1-primary")
                #expect(try await client.order(in: store, sku: "MUG-1", key: "two").nodes == ["shard-1-primary"])
                #expect(try await client.orders(in: store).count == 2)
                #expect(client.counter("marketplace_store_redirects_total") > 0)
                #expect(client.marketplace.map.version == 1)
                try await fleet.central.start()
                try await fleet.move(store, to: "shard-1")
                try await eventually("the server has the map") { client.marketplace.map.version == 2 }
                #expect(client.counter("marketplace_shard_map_version") == 2)
                #expect(try await client.get("/v1/stores/\(store)").nodes == ["shard-1-primary"])
                #expect(try await fleet.rows(of: store, on: 0) == 0)
            }
        }

        @Test("a store comes home, with what happened while it was away")
        func comesHome() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            try await fleet.serve { client in
                let store = try await client.makeStore(on: 0)
                let product = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 50)
                try await fleet.move(store, to: "shard-1")
                let path = "/v1/stores/\(store)/products/\(product)"
                let body = #"{"name":"Renamed","category":"kitchen"}"#
                #expect(try await client.request(.put, path, body, ["If-Match": "*"]).status == .ok)
                #expect(try await client.order(in: store, sku: "MUG-1", key: "away").status == .created)
                try await fleet.move(store, to: "shard-0")
                #expect(try await client.get(path).json["data"]["name"].string == "Renamed")
                #expect(try await client.stock(in: store, sku: "MUG-1") == 49)
                #expect(try await fleet.rows(of: store, on: 1) == 0)
                await #expect(throws: StoreMoveError.self) { try await fleet.move(store, to: "shard-0") }
                await #expect(throws: StoreMoveError.self) { try await fleet.move(store, to: "shard-7") }
                await #expect(throws: StoreMoveError.self) {
                    try await fleet.move(StoreID(number: 12345).description, to: "shard-0")
                }
            }
        }

        @Test("a table is copied in as many pages as it has, each from where the last one ended")
        func pages() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            try await fleet.serve { client in
                let store = try await client.makeStore(on: 0)
                let number = try #require(StoreID(store)).number
                _ = try await fleet.shards[0].ask(
                    """
                    INSERT INTO brands (store_id, id, name)
                    SELECT \(number), g, 'brand ' || g FROM generate_series(1, 1200) AS g RETURNING name
                    """)
                let pages = Mutex<[Int]>([])
                try await fleet.move(store, to: "shard-1") { event in
                    if case .page(table: "brands", let rows) = event { pages.withLock { $0.append(rows) } }
                }
                #expect(pages.withLock { $0 } == [500, 500, 200])
                #expect(try await fleet.rows(of: store, on: 1, table: "brands") == 1200)
            }
        }

        @Test("a copy that differs is noticed before anything is decided")
        func corrupted() async throws {
            let fleet = try await ShardFleet()
            defer { fleet.stop() }
            try await fleet.serve { client in
                let store = try await client.makeStore(on: 0)
                _ = try await client.makeProduct(in: store, sku: "MUG-1", quantity: 50)
                let number = try #require(StoreID(store)).number
                await #expect {
                    try await fleet.move(store, to: "shard-1") { event in
                        guard event.name == "copied" else { return }
                        _ = try await fleet.shards[1].ask(
                            "UPDATE skus SET quantity = 49 WHERE store_id = \(number) RETURNING sku")
                    }
                } throws: { error in
                    if case StoreMoveError.mismatch(table: "skus", _, _)? = error as? StoreMoveError {
                        true
                    } else {
                        false
                    }
                }
                #expect(try await client.order(in: store, sku: "MUG-1", key: "one").nodes == ["shard-0-primary"])
            }
        }
    }

    struct Death: Error {}
}

/// The pauses that moves made.
final class Pauses: Sendable {
    private let state = Mutex<[Duration]>([])

    var all: [Duration] { state.withLock { $0 } }
    var longest: Duration { all.max() ?? .zero }

    func saw(_ event: StoreMoveEvent) {
        if case .cutOver(let pause) = event { state.withLock { $0.append(pause) } }
    }
}
