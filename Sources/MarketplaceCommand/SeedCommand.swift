import ArgumentParser
import Marketplace

/// `marketplace seed`.
struct SeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed", abstract: "Fill empty shards with believable stores, products, users and orders.")

    @OptionGroup var options: SettingsOptions

    @Option(name: .long, help: "Stores.")
    var stores = 50

    @Option(name: .long, help: "Products, spread over the stores.")
    var products = 100_000

    @Option(name: .long, help: "Users.")
    var users = 1000

    @Option(name: .long, help: "Orders, spread over the stores.")
    var orders = 5000

    @Option(name: .long, help: "The same seed makes the same data.")
    var seed: UInt64 = 42

    func run() async throws {
        try await reporting {
            let plan = try SeedPlan(stores: stores, products: products, users: users, orders: orders, seed: seed)
            let owner = try OwnerConnections(settings: try await options.settings(), logger: .warnings)
            let summary = try await Seeder(owner: owner).run(plan)
            let counts = summary.rows.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            print(counts.joined(separator: ", ") + " in \(summary.duration.formatted())")
            await owner.close()
        }
    }
}
