import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Redis

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A redis-server of a test's own, on a Unix socket in a directory of its own. Ends with ``stop()``.
final class RedisTestServer: Sendable {
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    let directory: String
    private let arguments: [String]
    private let process: Mutex<pid_t>

    var socketPath: String { "\(directory)/redis.sock" }
    var endpoint: RedisEndpoint { RedisEndpoint(name: "cache", address: .unixSocket(path: socketPath)) }

    /// What the server has logged.
    var log: String {
        guard let file = fopen("\(directory)/log", "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    private init(directory: String, arguments: [String]) {
        self.directory = directory
        self.arguments = arguments
        process = Mutex(0)
    }

    /// Starts a server and returns when it accepts connections.
    static func start(_ arguments: [String] = []) async throws -> RedisTestServer {
        var template = Array("/tmp/redis-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Unavailable(description: "no directory in /tmp") }
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let server = RedisTestServer(directory: directory, arguments: arguments)
        try await server.launch()
        return server
    }

    /// Starts the server again after ``kill()``, with none of its data.
    func launch() async throws {
        let words =
            [
                "redis-server", "--port", "0", "--unixsocket", socketPath, "--save", "", "--appendonly", "no", "--dir",
                directory, "--logfile", "\(directory)/log",
            ] + arguments
        let pointers = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var pid = pid_t()
        let status = posix_spawnp(&pid, "redis-server", nil, nil, pointers, environ)
        guard status == 0 else {
            throw Unavailable(description: "redis-server does not start: \(String(cString: strerror(status)))")
        }
        process.withLock { $0 = pid }
        try await eventually("redis-server listens on \(socketPath)") {
            let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            guard let channel = try? await bootstrap.connect(unixDomainSocketPath: socketPath).get() else {
                return false
            }
            try await channel.close()
            return true
        }
    }

    /// Stops the process where it stands and returns when it stands.
    func pause() {
        process.withLock { pid in
            _ = Self.signal(pid, SIGSTOP)
            waitpid(pid, nil, WUNTRACED)
        }
    }

    func resume() {
        process.withLock { _ = Self.signal($0, SIGCONT) }
    }

    func kill() {
        process.withLock { pid in
            guard pid > 0 else { return }
            _ = Self.signal(pid, SIGKILL)
            waitpid(pid, nil, 0)
            pid = 0
        }
    }

    /// Ends the server and removes its directory.
    func stop() {
        kill()
        for name in ["redis.sock", "log"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    private static func signal(_ pid: pid_t, _ number: CInt) -> CInt {
        #if canImport(Glibc)
            Glibc.kill(pid, number)
        #else
            Darwin.kill(pid, number)
        #endif
    }
}

extension RedisSettings {
    /// Times that a busy machine keeps, for tests that are not about them.
    static var patient: RedisSettings {
        var settings = RedisSettings()
        settings.connectTimeout = .seconds(10)
        settings.overdueAfter = .seconds(30)
        settings.dropAfter = .seconds(60)
        return settings
    }
}

/// Runs a test with a started client of a server, real or scripted.
func withRedisClient<Result>(
    _ endpoint: RedisEndpoint, settings: RedisSettings = .patient,
    _ body: (RedisClient) async throws -> Result
) async throws -> Result {
    let client = RedisClient(
        endpoint, settings: settings, group: MultiThreadedEventLoopGroup.singleton,
        logger: Logger(label: "test") { _ in
            SwiftLogNoOpLogHandler()
        })
    client.start()
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

/// Runs a test with a server of its own and a started client.
func withRedis<Result>(
    _ arguments: [String] = [], settings: RedisSettings = .patient,
    _ body: (RedisClient, RedisTestServer) async throws -> Result
) async throws -> Result {
    let server = try await RedisTestServer.start(arguments)
    defer { server.stop() }
    return try await withRedisClient(server.endpoint, settings: settings) { try await body($0, server) }
}

/// Far enough away that only a hang meets it, also on a busy machine.
var soon: ContinuousClock.Instant { .now + .seconds(20) }

/// What a call threw, or nil when it returned.
func redisError(_ call: () async throws(RedisError) -> Void) async -> RedisError? {
    do {
        try await call()
        return nil
    } catch {
        return error
    }
}
