import ArgumentParser
import Marketplace

/// `marketplace shard`.
struct ShardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shard", abstract: "Look at the shards.", subcommands: [List.self, Map.self])

    /// `marketplace shard list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Each shard's nodes with the roles they play now.")

        @OptionGroup var options: SettingsOptions

        func run() async throws {
            try await reporting {
                let owner = try OwnerConnections(settings: try await options.settings(), logger: .warnings)
                for line in await owner.roles() { print(line) }
                await owner.close()
            }
        }
    }

    /// `marketplace shard map`.
    struct Map: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "map", abstract: "The map from stores to shards, and where given stores live.")

        @OptionGroup var options: SettingsOptions

        @Argument(help: "Ids of stores.")
        var stores: [String] = []

        func run() async throws {
            try await reporting {
                let map = try ShardMap(settings: try await options.settings())
                print(map)
                for text in stores {
                    guard let store = StoreID(text) else {
                        throw ValidationError("'\(text)' is no store's id: they look like st_0abcdefghjkmn.")
                    }
                    print("\(store)  \(map.shards[map.shard(of: store.routingKey)])")
                }
            }
        }
    }
}
