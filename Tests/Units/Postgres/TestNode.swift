import Logging
import Postgres

/// A node of a test: connected, and gone when the body ends.
func withNode<Result: Sendable>(
    _ endpoint: PostgresEndpoint, settings: PostgresSettings = PostgresSettings(),
    poller: PollerKind = .platformDefault, _ body: (PostgresNode) async throws -> Result
) async throws -> Result {
    let reactor = Reactor(name: "test", poller: poller)
    defer { reactor.shutdown() }
    let node = PostgresNode(endpoint, settings: settings, reactor: reactor, logger: quietLogger)
    node.start()
    do {
        let result = try await body(node)
        await node.shutdown()
        return result
    } catch {
        await node.shutdown()
        throw error
    }
}

private let quietLogger: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

/// A deadline this long from now.
func within(_ duration: Duration) -> ContinuousClock.Instant { ContinuousClock().now + duration }

/// The error that a call ends with; nil when it succeeds.
func failure<Value>(_ body: () async throws -> Value) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}
