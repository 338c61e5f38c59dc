import ArgumentParser
import Logging
import Marketplace
import Postgres

/// `marketplace migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the schema of every shard, and of central, up to date.",
        discussion: """
            On a database that is in use, steps that take something away (phase contract) wait until --contract is \
            given: say so once no server of an older release runs. A fresh database gets everything at once.
            """)

    @OptionGroup var options: SettingsOptions

    @Option(name: .long, help: "Only this shard, by its index.")
    var shard: Int?

    @Flag(name: .long, help: "Show what is applied and what is not, and change nothing.")
    var status = false

    @Flag(name: .long, help: "Take the steps as well that servers of an older release could not bear.")
    var contract = false

    private static let limit = Duration.seconds(300)

    func run() async throws {
        try await reporting {
            let settings = try await options.settings()
            let owner = try OwnerConnections(settings: settings, logger: .warnings)
            var failures: [any Error] = []
            for outcome in await outcomes(of: try targets(owner), owner) {
                for line in outcome.lines { print(line) }
                guard let error = outcome.failure else { continue }
                // The others are worth seeing all the same.
                if status { print("\(outcome.name)  no answer: \(error)") }
                failures.append(error)
            }
            if !status, !failures.isEmpty {
                fail(failures.map { "\($0)" }.joined(separator: "\nmarketplace: "), .software)
            }
            if !status, shard == nil, let map = try await MapPublisher(owner: owner).publishFirst() {
                print("shard map: \(map)")
            }
            await owner.close()
            if !failures.isEmpty { throw ExitCode(Failure.software.rawValue) }
        }
    }

    /// What came of one database.
    private struct Outcome: Sendable {
        var place: Int
        var name: String
        var lines: [String] = []
        var failure: (any Error)?
    }

    /// Of all databases at once: none waits for another. In their order.
    private func outcomes(of targets: [MigrationTarget], _ owner: OwnerConnections) async -> [Outcome] {
        await withTaskGroup(of: Outcome.self) { group in
            for (place, target) in targets.enumerated() {
                group.addTask {
                    var outcome = Outcome(place: place, name: target.name)
                    do {
                        outcome.lines = try await lines(of: target, owner)
                    } catch {
                        outcome.failure = error
                    }
                    return outcome
                }
            }
            var outcomes: [Outcome] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes.sorted { $0.place < $1.place }
        }
    }

    /// What was done with one database, or how it stands.
    private func lines(of target: MigrationTarget, _ owner: OwnerConnections) async throws -> [String] {
        let node = try await target.primary(owner)
        let migrator = try Migrator(target.migrations)
        let deadline = Environment.live.now() + Self.limit
        var lines: [String] = []
        if !status {
            let applied = try await migrator.migrate(
                node, contracting: contract ? .always : .whenFresh, deadline: deadline)
            lines.append("\(target.name): " + Self.sentence(applied))
        }
        for line in try await migrator.status(of: node, deadline: deadline) {
            if status {
                lines.append(Self.line(line, of: target.name))
            } else if line.state == .pending {
                let title = Self.title(line.number, line.name)
                lines.append("\(target.name): \(title) waits for --contract, once no older server runs")
            }
        }
        return lines
    }

    private func targets(_ owner: OwnerConnections) throws -> [MigrationTarget] {
        let targets = MigrationTarget.all(owner)
        guard let shard else { return targets }
        guard owner.names.indices.contains(shard) else {
            throw ValidationError("There is no shard \(shard): use 0 to \(owner.names.count - 1).")
        }
        return [targets[shard]]
    }

    private static func sentence(_ applied: [Migration]) -> String {
        applied.isEmpty
            ? "nothing to do" : "applied " + applied.map { title($0.number, $0.name) }.joined(separator: ", ")
    }

    /// `shard-0  0009_row_security  pending  contract`, or with the moment for one that is applied.
    private static func line(_ status: MigrationStatus, of database: String) -> String {
        let detail = status.appliedAt?.description ?? status.phase.rawValue
        return "\(database)  \(title(status.number, status.name))  \(status.state.rawValue)  \(detail)"
    }

    /// As its file is called: `0009_row_security`.
    private static func title(_ number: Int, _ name: String) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_" + name
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
