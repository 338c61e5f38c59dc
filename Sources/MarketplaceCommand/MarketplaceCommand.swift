import ArgumentParser
import Marketplace

/// The executable `marketplace`.
@main
struct MarketplaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "marketplace", abstract: "A multi-tenant marketplace on Postgres shards and Redis.",
        version: Version.current,
        subcommands: [ServeCommand.self, MigrateCommand.self, SeedCommand.self, ShardCommand.self])
}
