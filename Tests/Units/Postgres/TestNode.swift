import Logging
import Postgres

/// A node of a test: connected, and gone when the body ends.
func withNode<Result: Sendable>(
    _ endpoint: PostgresEndpoint, settings: PostgresSettings = .patient,
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

extension PostgresSettings {
    /// For a machine that is busy with other tests: no wait ends before the deadline of the call.
    static var patient: PostgresSettings {
        var settings = PostgresSettings()
        settings.stallLimit = .seconds(60)
        settings.maximumPoolWait = .seconds(60)
        settings.connectTimeout = .seconds(20)
        settings.readStatementTimeout = .seconds(60)
        settings.idleInTransactionTimeout = .seconds(60)
        return settings
    }
}

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
