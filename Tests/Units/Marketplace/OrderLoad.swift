import Foundation
import Synchronization
import Testing

@testable import Marketplace

/// Customers who order one piece each, 200 a second together as long as they are answered, with a key of their own for
/// every order, and ask again with the same key until it is placed. It remembers what was placed.
final class OrderLoad: Sendable {
    private struct State: Sendable {
        var isOver = false
        var orders: [String: String] = [:]
        var problems: [String: Int] = [:]
        var slowest = Duration.zero
    }

    /// Between two orders of all customers together.
    private static let interval = Duration.milliseconds(5)

    /// Before an order is asked for again.
    private static let backOff = Duration.milliseconds(20)

    private let state = Mutex(State())

    /// By the key: the order's id.
    var orders: [String: String] { state.withLock { $0.orders } }
    /// By the code: answers that were no order.
    var problems: [String: Int] { state.withLock { $0.problems } }
    /// The longest that an order took.
    var slowest: Duration { state.withLock { $0.slowest } }

    func end() { state.withLock { $0.isOver = true } }

    /// Orders until ``end()``, and does something meanwhile.
    func during(
        _ client: MarketplaceClient, store: String, sku: String, customers: Int = 6,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for customer in 0..<customers {
                group.addTask {
                    let clock = ContinuousClock()
                    let start = clock.now
                    var count = 0
                    while !self.state.withLock({ $0.isOver }) {
                        count += 1
                        try await clock.sleep(until: start + Self.interval * (count * customers))
                        try await self.place("k-\(customer)-\(count)", client, store, sku, "customer-\(customer)")
                    }
                }
            }
            group.addTask {
                defer { self.end() }
                try await body()
            }
            try await group.waitForAll()
        }
    }

    private func place(
        _ key: String, _ client: MarketplaceClient, _ store: String, _ sku: String, _ customer: String
    ) async throws {
        let start = ContinuousClock().now
        for _ in 0..<200 {
            let response = try await client.order(in: store, sku: sku, key: key, customer: customer)
            if response.status == .created {
                let id = try #require(response.json["data"]["id"].string)
                let took = ContinuousClock().now - start
                state.withLock {
                    $0.orders[key] = id
                    $0.slowest = max($0.slowest, took)
                }
                return
            }
            state.withLock { $0.problems[response.code ?? "\(response.status.code)", default: 0] += 1 }
            // As any client would: whoever is turned away and comes back at once is an attack.
            try await ContinuousClock().sleep(until: .now + Self.backOff)
        }
        Issue.record("\(key) was never placed: \(problems)")
    }
}
