import ArgumentParser
import Logging
import NIOPosix
import Redis

/// GET through the client against `redis-benchmark -t get`, on the same server, in turn.
struct RedisBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redis", abstract: "GET through the client, beside redis-benchmark on the same server.")

    @Option(help: "Tasks that each wait for their reply before they ask again.")
    var tasks = 64
    @Option(help: "Connections of the client.")
    var connections = 1
    @Option(help: "Seconds of each run.")
    var seconds = 3
    @Option(help: "Runs of each; the median counts.")
    var runs = 3
    @Option(help: "Bytes of the value.")
    var valueBytes = 100
    @Option(help: "The least ratio that passes; the exit status is 1 below it.")
    var minimumRatio = 3.0

    func run() async throws {
        let server = try BenchmarkRedisServer()
        defer { server.stop() }
        try server.waitUntilReady()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
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

        var theirs: [Double] = []
        var ours: [Double] = []
        for _ in 0..<runs {
            theirs.append(try server.redisBenchmark(requests: 50_000 * seconds))
            ours.append(try await measure(client, keys))
        }
        await client.shutdown()
        try await group.shutdownGracefully()
        let ratio = median(ours) / median(theirs)
        print("redis-benchmark -t get -c 50 -P 1: \(Int(median(theirs))) GET/s")
        print("RedisClient, \(tasks) tasks, \(connections) connection(s): \(Int(median(ours))) GET/s")
        print("ratio: \((ratio * 100).rounded() / 100) (at least \(minimumRatio))")
        if ratio < minimumRatio { throw ExitCode(1) }
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    /// Replies a second, every one with a deadline and its length checked.
    private func measure(_ client: RedisClient, _ keys: [String]) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        let length = valueBytes
        let replies = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var count = 0
                    var now = clock.now
                    while now < end {
                        let value = try await client.get(
                            keys[(task * 131 + count) % keys.count], deadline: now + .seconds(1))
                        guard value?.count == length else { throw ValidationError("a wrong value") }
                        count += 1
                        now = clock.now
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let elapsed = clock.now - start
        return Double(replies) / (elapsed / .seconds(1))
    }
}
