import ArgumentParser
import Marketplace

/// `marketplace shard add`.
struct ShardAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Take a shard into the map, and move to it the stores that belong there.",
        discussion: """
            The settings of every server have to name the shard's nodes already, and it has to be migrated. Stores are \
            moved one after the other; run it again to go on with those that are left.
            """)

    @OptionGroup var options: SettingsOptions

    @Argument(help: "The shard, as shard-2.")
    var shard: String

    @Flag(name: .long, help: "Show what would be moved, and change nothing.")
    var dryRun = false

    @Option(name: .long, help: "Stores to move at most; the rest stays where it is until the next run.")
    var limit = 1000

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit is \(limit): use 0 or more.") }
    }

    func run() async throws {
        try await reporting {
            let owner = try OwnerConnections(settings: try await options.settings(), logger: .warnings)
            let addition = ShardAddition(owner: owner)
            if dryRun {
                try await show(try await addition.plan(shard))
            } else {
                if try await !owner.currentMap().shards.contains(shard) {
                    let plan = try await addition.add(shard)
                    print("shard map: \(plan.map)")
                }
                let moves = try await addition.left().prefix(limit)
                let mover = StoreMover(owner: owner)
                for (number, move) in moves.enumerated() {
                    try await mover.move(move.store, to: move.to)
                    print("\(number + 1)/\(moves.count)  \(move.store)  \(move.to)")
                }
            }
            await owner.close()
        }
    }

    private func show(_ plan: ShardAddition.Plan) async throws {
        print("shard map: \(plan.map)")
        print("\(plan.moves.count) of \(plan.stores) stores would move")
        for move in plan.moves { print("\(move.store)  \(move.to)") }
    }
}
