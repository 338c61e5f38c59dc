import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import Redis

/// GET through the client against `redis-benchmark -t get`, on the same server, in turn.
struct RedisBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redis", abstract: "GET through the client, beside redis-benchmark on the same server.")

    @OptionGroup var options: RunOptions
    @Option(help: "Connections of the client.")
    var connections = 1
    @Option(help: "Bytes of the value.")
    var valueBytes = 100
    @Option(help: "The least ratio that passes; the exit status is 1 below it.")
    var minimumRatio = 3.0

    func run() async throws {
        let server = try BenchmarkRedisServer()
        defer { server.stop() }
        try server.waitUntilReady()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let executor = EventLoopExecutor(group.next())
        var settings = RedisSettings()
        settings.connections = connections
        let endpoint = RedisEndpoint(name: "benchmark", host: "127.0.0.1", port: server.port)
        let client = RedisClient(endpoint, settings: settings, group: group, logger: Logger(label: "benchmark"))
        client.start()
        // The keys that redis-benchmark asks for with -r 1000, so that both get the same values.
        let keys = (0..<1000).map { number in
            let digits = String(number)
            return "key:" + String(repeating: "0", count: 12 - digits.count) + digits
        }
        let value = [UInt8](repeating: UInt8(ascii: "x"), count: valueBytes)
        for key in keys { try await client.set(key, to: .bytes(value), deadline: .now + .seconds(5)) }

        let length = valueBytes
        let comparison = try await options.compare(
            "GET", least: minimumRatio,
            theirs: (
                "redis-benchmark -t get -c 50 -P 1", { try server.redisBenchmark(requests: 50_000 * options.seconds) }
            ),
            ours: (
                "RedisClient, \(options.tasks) tasks, \(connections) connection(s)",
                {
                    try await options.rate(on: executor) { task, count, now in
                        let value = try await client.get(
                            keys[(task * 131 + count) % keys.count], deadline: now + .seconds(1))
                        guard value?.count == length else { throw ValidationError("a wrong value") }
                    }
                }
            ))
        await client.shutdown()
        try await group.shutdownGracefully()
        if !comparison.isGoodEnough { throw ExitCode(1) }
    }
}
