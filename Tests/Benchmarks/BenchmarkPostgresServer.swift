import ArgumentParser
import Foundation

/// A Postgres server for the length of one benchmark, reached through a Unix socket, with pgbench's tables.
struct BenchmarkPostgresServer {
    let directory: String
    private let server: Process
    /// Closed when this process ends, however it does: then the shell stops the server.
    private let lifeline = Pipe()
    private let binaries: String

    /// - Parameter scale: pgbench's; each is 100,000 accounts.
    init(scale: Int) throws {
        binaries = Self.findBinaries()
        directory = try Self.shell("mktemp -d /tmp/swpb.XXXXXX").trimmingCharacters(in: .whitespacesAndNewlines)
        // Postgres refuses to run as root.
        let prefix = geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --init-groups" : ""
        if geteuid() == 0 { try Self.shell("chown postgres:postgres \(directory)") }
        try Self.shell(
            "cd /tmp && \(prefix) \(binaries)/initdb -D \(directory)/data -U postgres -A trust -E UTF8 --locale=C -N")
        server = Process()
        server.executableURL = URL(fileURLWithPath: "/bin/sh")
        server.arguments = [
            "-c",
            """
            \(prefix) \(binaries)/postgres -D \(directory)/data -c listen_addresses= -c fsync=off \
            -c unix_socket_directories=\(directory) -c shared_buffers=256MB > \(directory)/log 2>&1 &
            server=$!
            cat > /dev/null
            kill -QUIT $server; wait $server; rm -rf \(directory)
            """,
        ]
        server.standardInput = lifeline
        try server.run()
        try Self.shell(
            "for i in $(seq 400); do psql -h \(directory) -U postgres -c '' && exit; sleep 0.05; done; exit 1")
        try Self.shell("\(binaries)/pgbench -h \(directory) -U postgres -i -q -s \(scale) postgres")
    }

    /// Primary-key selects a second, as pgbench prints them, with sixteen clients in two threads.
    func pgbench(seconds: Int) throws -> Double {
        let output = try Self.shell(
            "\(binaries)/pgbench -h \(directory) -U postgres -S -M prepared -c 16 -j 2 -T \(seconds) -n postgres")
        let line = output.split(separator: "\n").first { $0.hasPrefix("tps = ") }
        guard let rate = line?.split(separator: " ").dropFirst(2).first.flatMap({ Double($0) }) else {
            throw ValidationError("pgbench printed no rate but: \(output)")
        }
        return rate
    }

    func stop() {
        try? lifeline.fileHandleForWriting.close()
        server.waitUntilExit()
    }

    private static func findBinaries() -> String {
        let found = try? shell("pg_config --bindir").trimmingCharacters(in: .whitespacesAndNewlines)
        let candidates = [found].compactMap { $0 } + (10...20).reversed().map { "/usr/lib/postgresql/\($0)/bin" }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") } ?? "/usr/bin"
    }

    @discardableResult
    private static func shell(_ command: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "{ \(command); } 2>&1"]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw ValidationError("\(command): \(text)") }
        return text
    }
}
