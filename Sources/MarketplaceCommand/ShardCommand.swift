import ArgumentParser
import Marketplace

/// `marketplace shard`.
struct ShardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shard", abstract: "Look at the shards, add one, move a store to another.",
        subcommands: [List.self, Map.self, ShardAddCommand.self, ShardMoveCommand.self])

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

        @Flag(name: .long, help: "The whole map as JSON.")
        var json = false

        @Argument(help: "Ids of stores.")
        var stores: [String] = []

        func run() async throws {
            try await reporting {
                let owner = try OwnerConnections(settings: try await options.settings(), logger: .warnings)
                let map = try await owner.currentMap()
                print(json ? map.json : "\(map)")
                for text in stores {
                    let store = try StoreID(argument: text)
                    print("\(store)  \(map.shards[map.shard(of: store.routingKey)])")
                }
                await owner.close()
            }
        }
    }
}

extension StoreID {
    /// Reads a store's id from the command line.
    init(argument text: String) throws {
        guard let store = StoreID(text) else {
            throw ValidationError("'\(text)' is no store's id: they look like st_0abcdefghjkmn.")
        }
        self = store
    }
}
