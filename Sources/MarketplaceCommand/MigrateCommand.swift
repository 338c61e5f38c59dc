import ArgumentParser
import Logging
import Marketplace
import Postgres

/// `marketplace migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring every shard's schema up to date.")

    @OptionGroup var options: SettingsOptions

    @Option(name: .long, help: "Only this shard, by its index.")
    var shard: Int?

    @Flag(name: .long, help: "Show what is applied, and change nothing.")
    var status = false

    private static let limit = Duration.seconds(300)

    func run() async throws {
        try await reporting {
            let settings = try await options.settings()
            let owner = try OwnerConnections(settings: settings, logger: .warnings)
            let shards = try chosen(among: owner.map.shards.count)
            let migrator = try Migrator(Migrations.all)
            for index in shards {
                let node = try await owner.primary(of: index)
                let deadline = Environment.live.now() + Self.limit
                if status {
                    for line in try await migrator.status(of: node, deadline: deadline) {
                        print("\(owner.map.shards[index])  \(line.number)  \(line.name)  \(line.state.rawValue)")
                    }
                } else {
                    let applied = try await migrator.migrate(node, deadline: deadline)
                    print("\(owner.map.shards[index]): " + Self.sentence(applied))
                }
            }
            await owner.close()
        }
    }

    private func chosen(among count: Int) throws -> [Int] {
        guard let shard else { return Array(0..<count) }
        guard (0..<count).contains(shard) else {
            throw ValidationError("There is no shard \(shard): use 0 to \(count - 1).")
        }
        return [shard]
    }

    private static func sentence(_ applied: [Migration]) -> String {
        applied.isEmpty ? "up to date" : "applied " + applied.map(\.name).joined(separator: ", ")
    }
}

extension Logger {
    /// For commands: only what went wrong, on standard error.
    static var warnings: Logger {
        var logger = Logger(label: "marketplace") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return logger
    }
}
