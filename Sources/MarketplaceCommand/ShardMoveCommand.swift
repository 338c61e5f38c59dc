import ArgumentParser
import Foundation
import Marketplace

/// `marketplace shard move`.
struct ShardMoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Move a store to another shard while it is in use.",
        discussion: """
            It copies the store, carries over what changes meanwhile, and cuts over with a pause of the store's writes \
            of less than half a second. Started again, it goes on where a move that died has come to; --abort undoes \
            one that is not cut over yet.
            """)

    @OptionGroup var options: SettingsOptions

    @Argument(help: "The store's id.")
    var store: String

    @Option(name: .long, help: "The shard to go to: its name, or its index in the map.")
    var to: String?

    @Flag(name: .long, help: "Give up a move that is not cut over yet.")
    var abort = false

    @Option(
        name: .long,
        help: "Stop there for good, to rehearse a mover that dies: \(StoreMoveEvent.names.joined(separator: ", ")).")
    var holdAt: String?

    @Option(name: .long, help: "Seconds for which the source's copy stays after the cut-over.")
    var keep = 2

    func validate() throws {
        if abort == (to != nil) { throw ValidationError("Say --to SHARD, or --abort.") }
        if !(0...86_400).contains(keep) { throw ValidationError("--keep is \(keep): give 0 to 86400 seconds.") }
        if let holdAt, !StoreMoveEvent.names.contains(holdAt) {
            throw ValidationError("'\(holdAt)' is no step: use one of \(StoreMoveEvent.names.joined(separator: ", ")).")
        }
    }

    func run() async throws {
        try await reporting {
            let store = try StoreID(argument: store)
            let owner = try OwnerConnections(settings: try await options.settings(), logger: .warnings)
            var limits = StoreMover.Limits()
            limits.grace = .seconds(keep)
            let mover = StoreMover(owner: owner, limits: limits) { [holdAt] event in
                Self.show(event)
                guard event.name == holdAt else { return }
                while true { try await Environment.live.sleep(for: .seconds(3600)) }
            }
            if let to {
                try await mover.move(store, to: try await shard(to, owner))
            } else {
                try await mover.abort(store)
            }
            await owner.close()
        }
    }

    private func shard(_ text: String, _ owner: OwnerConnections) async throws -> String {
        guard let index = Int(text) else { return text }
        let shards = try await owner.currentMap().shards
        guard shards.indices.contains(index) else {
            throw ValidationError("There is no shard \(index): use 0 to \(shards.count - 1).")
        }
        return shards[index]
    }

    /// At once, whoever reads it: a pipe would hold it back.
    private static func printNow(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private static func show(_ event: StoreMoveEvent) {
        switch event {
        case .cutOver(let pause): printNow("cut-over  writes waited \(Int(pause / .milliseconds(1))) ms")
        case .page(let table, let rows): printNow("page  \(table)  \(rows) rows")
        case .cleaned(let table): printNow("cleaned  \(table)")
        case .step, .frozen, .opened: printNow(event.name)
        }
    }
}
