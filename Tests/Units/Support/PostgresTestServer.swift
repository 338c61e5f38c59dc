import Foundation
import Postgres
import Synchronization
import Testing

/// A real Postgres server for tests, in a directory of its own under /tmp, reached through a Unix socket.
///
/// It is run by a shell that waits at a pipe from the test process: when that process ends, however it does, the shell
/// stops the server and removes the directory.
final class PostgresTestServer: Sendable {
    let directory: String
    private let options: [String]
    private let runner = Mutex<(process: Process, input: Pipe)?>(nil)

    /// Set-up that does not work is a failure of the machine, not of a check.
    struct SetUpError: Error, CustomStringConvertible {
        var description: String
    }

    private init(directory: String, options: [String]) {
        self.directory = directory
        self.options = options
    }

    /// Starts a server on a copy of a fresh cluster, superuser `postgres` without a password.
    /// - Parameter options: settings such as `max_connections=20`.
    static func start(options: [String] = []) async throws -> PostgresTestServer {
        let directory = try await makeDirectory()
        let server = PostgresTestServer(directory: directory, options: options)
        try await run("cp", ["-a", try await template.value, directory + "/data"])
        try await server.start()
        return server
    }

    /// Starts a streaming replica of this server.
    func startReplica() async throws -> PostgresTestServer {
        let directory = try await Self.makeDirectory()
        let replica = PostgresTestServer(directory: directory, options: options)
        let arguments = [
            "-h", self.directory, "-U", "postgres", "-D", directory + "/data", "-R", "-X", "stream", "-c", "fast",
        ]
        try await Self.run(Self.asPostgres[0], Self.asPostgres.dropFirst() + [Self.binary("pg_basebackup")] + arguments)
        try await replica.start()
        return replica
    }

    func endpoint(_ name: String = "node", user: String = "postgres", application: String = "test") -> PostgresEndpoint
    {
        PostgresEndpoint(
            name: name, host: directory, port: 5432, user: user, database: "postgres", applicationName: application)
    }

    /// Starts the server after ``kill()`` or ``stop()``, and returns when it takes connections.
    func start() async throws {
        let process = Process()
        let input = Pipe()
        // Not for other servers that tests start meanwhile: while one of them held this end, no end of file would come.
        _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let settings = [
            "listen_addresses=", "unix_socket_directories=\(directory)", "fsync=off", "shared_buffers=32MB",
            "max_connections=60", "wal_receiver_timeout=3s", "wal_retrieve_retry_interval=100ms", "lc_messages=C",
        ]
        let flags = (settings + options).map { "-c '\($0)'" }.joined(separator: " ")
        let server = (Self.asPostgres + [Self.binary("postgres"), "-D", directory + "/data"]).joined(separator: " ")
        let script = """
            \(server) \(flags) >> '\(directory)/log' 2>&1 &
            server=$!
            cat > /dev/null
            kill -CONT $server 2> /dev/null; kill -QUIT $server 2> /dev/null; wait $server
            [ -e '\(directory)/keep' ] || rm -rf '\(directory)'
            """
        process.arguments = ["-c", script]
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let ready = directory + "/data/postmaster.pid"
        // One that was killed leaves its own, which says that it is ready.
        if FileManager.default.fileExists(atPath: ready) { try FileManager.default.removeItem(atPath: ready) }
        try process.run()
        runner.withLock { $0 = (process, input) }
        try await eventually("the test server in \(directory) is ready", within: .seconds(60)) {
            let lines = (try? String(contentsOfFile: ready, encoding: .utf8))?.split(
                separator: "\n", omittingEmptySubsequences: false)
            return lines.map { $0.count > 7 && $0[7].hasPrefix("ready") } ?? false
        }
    }

    /// Ends the server and removes its directory.
    func stop() { endRunner(keeping: false) }

    /// Kills the server and all its children with no chance to tidy up. ``start()`` may follow.
    func kill() throws {
        for pid in try processes() { Foundation.kill(pid, SIGKILL) }
        endRunner(keeping: true)
    }

    /// Stops the server and all its children where they stand.
    func pause() throws {
        let postmaster = try postmasterPID()
        Foundation.kill(postmaster, SIGSTOP)
        for child in Self.children(of: postmaster) { Foundation.kill(child, SIGSTOP) }
    }

    /// Lets them go on, children first.
    func resume() throws {
        let postmaster = try postmasterPID()
        for child in Self.children(of: postmaster) { Foundation.kill(child, SIGCONT) }
        Foundation.kill(postmaster, SIGCONT)
    }

    private func endRunner(keeping: Bool) {
        guard let (process, input) = runner.withLock({ $0 }) else { return }
        runner.withLock { $0 = nil }
        if keeping { _ = FileManager.default.createFile(atPath: directory + "/keep", contents: nil) }
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        if keeping { try? FileManager.default.removeItem(atPath: directory + "/keep") }
    }

    private func processes() throws -> [pid_t] {
        let postmaster = try postmasterPID()
        Foundation.kill(postmaster, SIGSTOP)
        return [postmaster] + Self.children(of: postmaster)
    }

    private func postmasterPID() throws -> pid_t {
        let text = try String(contentsOfFile: directory + "/data/postmaster.pid", encoding: .utf8)
        guard let line = text.split(separator: "\n").first, let pid = pid_t(line) else {
            throw SetUpError(description: "no process id in \(directory)/data/postmaster.pid")
        }
        return pid
    }

    private static func children(of parent: pid_t) -> [pid_t] {
        let output = try? runBlocking("ps", ["-o", "pid=", "--ppid", String(parent)])
        return (output ?? "").split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
    }
}

// MARK: What all servers share

extension PostgresTestServer {
    /// Postgres refuses to run as root, so that the servers of a test run by root belong to the user postgres.
    private static let asPostgres: [String] =
        geteuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : ["env"]

    private static let binaries: String = {
        let found = try? runBlocking("pg_config", ["--bindir"]).trimmingCharacters(in: .whitespacesAndNewlines)
        let candidates = [found].compactMap { $0 } + (10...20).reversed().map { "/usr/lib/postgresql/\($0)/bin" }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0 + "/postgres") } ?? "/usr/bin"
    }()

    static func binary(_ name: String) -> String { binaries + "/" + name }

    /// A fresh cluster, made once in a test process and copied for each server.
    private static let template = Task<String, any Error> {
        let directory = try await makeDirectory()
        let arguments = ["-D", directory + "/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        try await run(asPostgres[0], asPostgres.dropFirst() + [binary("initdb")] + arguments)
        templateDirectory.withLock { $0 = directory }
        atexit { removeTemplate() }
        return directory + "/data"
    }

    private static let templateDirectory = Mutex<String?>(nil)

    private static func removeTemplate() {
        if let directory = templateDirectory.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: directory) }
    }

    /// Short, for the path of a Unix socket holds 107 bytes.
    private static func makeDirectory() async throws -> String {
        let output = try await run("mktemp", ["-d", "/tmp/swpg.XXXXXX"])
        let directory = output.trimmingCharacters(in: .whitespacesAndNewlines)
        if geteuid() == 0 { try await run("chown", ["postgres:postgres", directory]) }
        return directory
    }

    /// On a thread of its own, so that the tests' few threads are not held up by a slow command.
    @discardableResult
    private static func run(_ command: String, _ arguments: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runBlocking(command, arguments) })
            }
        }
    }

    @discardableResult
    private static func runBlocking(_ command: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [command] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: "/tmp")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus != 0 {
            throw SetUpError(description: "\(command) \(arguments.joined(separator: " ")): \(text)")
        }
        return text
    }
}
