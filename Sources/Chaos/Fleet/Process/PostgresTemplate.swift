import Foundation
import SystemPackage

/// A data directory made once per machine and Postgres group, and copied for every node of that group.
///
/// One for each group, since shards that shared a system identifier could be taken for one another; replicas are copies
/// of their primary's, which is all a base backup of an idle server would give.
struct PostgresTemplate: Sendable {
    var programs: PostgresPrograms
    var user: ServiceUser?
    /// The machine-wide cache.
    var cache: FilePath
    /// On the same file system as the cache, and gone with the fleet should we die half-way.
    var scratch: FilePath
    var environment: FleetEnvironment

    /// Changes when what is made below changes.
    static let layout = 4
    static let limit = Duration.seconds(60)

    /// The template of this group, made now if nobody has yet.
    func directory(group: String) async throws -> FilePath {
        let key = "postgres-\(programs.version)-\(user?.name ?? "own")-layout-\(Self.layout)-\(group)"
        let finished = cache.appending(key)
        if FileManager.default.fileExists(atPath: finished.string) { return finished }
        try FileManager.default.createDirectory(atPath: cache.string, withIntermediateDirectories: true)
        let lock = try await FileLock.take(cache.appending("\(key).lock"), limit: Self.limit, in: environment)
        defer { lock.release() }
        if FileManager.default.fileExists(atPath: finished.string) { return finished }
        let building = scratch.appending("template-\(group)")
        try await build(building)
        // Only a whole template ever has the final name.
        guard rename(building.string, finished.string) == 0 else {
            throw FleetError.failed(
                "cannot move the Postgres template to \(finished): \(String(cString: strerror(errno)))")
        }
        return finished
    }

    /// Two databases fewer, which nobody uses, are 600 files fewer to copy for every node. With `-j` an empty line ends
    /// a statement.
    private static let script = """
        CREATE DATABASE \(FleetDatabase.database);

        UPDATE pg_database SET datistemplate = false WHERE datname = 'template0';

        DROP DATABASE template0;

        DROP DATABASE postgres;

        """

    private func build(_ directory: FilePath) async throws {
        let log = FilePath(directory.string + ".log")
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        user?.own(directory)
        try await run(
            programs.initdb,
            [
                "--pgdata=\(directory)", "--username=\(FleetDatabase.user)", "--auth=trust", "--encoding=UTF8",
                "--locale=C", "--wal-segsize=1", "--no-sync", "--no-instructions",
            ], input: nil, directory: directory, log: log)
        let script = FilePath(directory.string + ".sql")
        try Self.script.write(toFile: script.string, atomically: false, encoding: .utf8)
        // A single-user server needs no port, no socket and no waiting.
        try await run(
            programs.server, ["--single", "-F", "-j", "-D", directory.string, "template1"], input: script,
            directory: directory, log: log)
    }

    private func run(
        _ program: String, _ arguments: [String], input: FilePath?, directory: FilePath, log: FilePath
    ) async throws {
        let spawn = Spawn(
            program: program, arguments: arguments,
            environment: ["PATH": environment.variables["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C"],
            directory: directory, input: input, output: log, user: user)
        let status = try await spawn.run(limit: Self.limit, in: environment)
        guard status == 0 else {
            throw FleetError.failed(
                "\(program) ended with status \(status) while making a template:\n\(LogFile(log).tail())")
        }
    }
}

/// What every Postgres node of a fleet is reached with. Trusted, since only the fleet's own links lead to it.
public enum FleetDatabase {
    /// The superuser of a fleet's databases.
    public static let user = "seaworthy"
    /// The database that the services use.
    public static let database = "marketplace"
}
