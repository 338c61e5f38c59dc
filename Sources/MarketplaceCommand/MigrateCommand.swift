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

    func run() async throws {
        try await reporting {
            let settings = try await options.settings()
            let owner = try OwnerConnections(settings: settings, logger: .warnings)
            var failures: [any Error] = []
            // All databases at once: none waits for another.
            let steps = Steps(changesNothing: status, contracting: contract ? .always : .whenFresh)
            let runs = try targets(owner).map { target in
                (name: target.name, lines: Task { try await steps.take(on: target, owner) })
            }
            for run in runs {
                switch await run.lines.result {
                case .success(let lines): for line in lines { print(line) }
                case .failure(let error):
                    // The others are worth seeing all the same.
                    if status { print("\(run.name)  no answer: \(error)") }
                    failures.append(error)
                }
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

    private func targets(_ owner: OwnerConnections) throws -> [MigrationTarget] {
        let targets = MigrationTarget.all(owner)
        guard let shard else { return targets }
        guard owner.names.indices.contains(shard) else {
            throw ValidationError("There is no shard \(shard): use 0 to \(owner.names.count - 1).")
        }
        return [targets[shard]]
    }
}

/// What is done with one database; apart from the command, which only parses.
private struct Steps: Sendable {
    let changesNothing: Bool
    let contracting: Migrator.Contracting

    private static let limit = Duration.seconds(300)

    /// - Returns: what was done, or how the database stands.
    func take(on target: MigrationTarget, _ owner: OwnerConnections) async throws -> [String] {
        let node = try await target.primary(owner)
        let migrator = try Migrator(target.migrations)
        let deadline = Environment.live.now() + Self.limit
        var lines: [String] = []
        if !changesNothing {
            let applied = try await migrator.migrate(node, contracting: contracting, deadline: deadline)
            lines.append("\(target.name): " + Self.sentence(applied))
        }
        for line in try await migrator.status(of: node, deadline: deadline) {
            if changesNothing {
                lines.append(Self.line(line, of: target.name))
            } else if line.state == .pending {
                let title = Self.title(line.number, line.name)
                lines.append("\(target.name): \(title) waits for --contract, once no older server runs")
            }
        }
        return lines
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
