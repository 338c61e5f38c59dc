import Foundation
import SystemPackage

/// The Postgres programs of this machine.
struct PostgresPrograms: Sendable {
    /// The directory that holds `postgres` and `initdb`.
    var directory: FilePath
    /// As `postgres --version` says: `15.14`.
    var version: String

    var server: String { directory.appending("postgres").string }
    var initdb: String { directory.appending("initdb").string }

    /// Looks where `pg_config --bindir` says, then on PATH, then where Debian puts it.
    /// - Throws: what to install when there is none.
    static func find(
        _ executables: Executables, scratch: FilePath, environment: FleetEnvironment
    ) async throws -> PostgresPrograms {
        for directory in await candidates(executables, scratch: scratch, environment: environment) {
            let names = ["postgres", "initdb"].map { directory.appending($0).string }
            guard names.allSatisfy({ access($0, X_OK) == 0 }) else { continue }
            let text = try await output(names[0], ["--version"], scratch: scratch, environment: environment)
            guard let version = text.split(whereSeparator: \.isWhitespace).first(where: { $0.first?.isNumber == true })
            else { continue }
            return PostgresPrograms(directory: directory, version: String(version))
        }
        let places = roots(environment.variables).map { "\($0)/*/bin" }.joined(separator: ", ")
        throw FleetError.failed(
            """
            no Postgres server on this machine (looked by pg_config, on PATH and in \(places)): \
            install it (Debian: apt-get install postgresql; macOS: brew install postgresql), or use --runtime docker
            """)
    }

    /// Where each version has a directory of its own: those that SEAWORTHY_POSTGRES_ROOTS names, with colons between,
    /// else Debian's. Homebrew's are on PATH or named by pg_config.
    private static func roots(_ variables: [String: String]) -> [String] {
        variables["SEAWORTHY_POSTGRES_ROOTS"]?.split(separator: ":").map(String.init) ?? ["/usr/lib/postgresql"]
    }

    private static func candidates(
        _ executables: Executables, scratch: FilePath, environment: FleetEnvironment
    ) async -> [FilePath] {
        var found: [FilePath] = []
        if let config = executables.onPath("pg_config"),
            let text = try? await output(config.string, ["--bindir"], scratch: scratch, environment: environment)
        {
            found.append(FilePath(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        }
        if let server = executables.onPath("postgres") {
            found.append(
                FilePath(URL(fileURLWithPath: server.string).resolvingSymlinksInPath().path).removingLastComponent())
        }
        // The newest of several.
        for root in roots(environment.variables) {
            let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
            for version in versions.sorted(by: { $0.compare($1, options: .numeric) == .orderedDescending }) {
                found.append(FilePath(root).appending(version).appending("bin"))
            }
        }
        return found
    }

    private static func output(
        _ program: String, _ arguments: [String], scratch: FilePath, environment: FleetEnvironment
    ) async throws -> String {
        let file = scratch.appending("output-\(environment.random())")
        defer { unlink(file.string) }
        let spawn = Spawn(
            program: program, arguments: arguments, environment: environment.variables, directory: scratch, output: file
        )
        _ = try await spawn.run(limit: .seconds(10), in: environment)
        return (try? String(contentsOfFile: file.string, encoding: .utf8)) ?? ""
    }
}
