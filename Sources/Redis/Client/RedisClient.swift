import Logging
import NIOCore
import Synchronization

/// A client of one Redis server: a few pipelined connections that all callers share, opened anew when they break.
///
/// Commands of one client may overtake each other when it has more than one connection; a caller that needs an order
/// awaits the first before it sends the second.
public final class RedisClient: Sendable {
    public let endpoint: RedisEndpoint
    /// Its limits and times.
    public let settings: RedisSettings
    private let connections: [RedisConnection]
    private let turn = Atomic<Int>(0)

    /// - Parameter group: where the connections live; the client does not shut it down.
    public init(
        _ endpoint: RedisEndpoint, settings: RedisSettings = RedisSettings(), group: any EventLoopGroup, logger: Logger
    ) {
        self.endpoint = endpoint
        self.settings = settings
        connections = (0..<max(1, settings.connections)).map { index in
            RedisConnection(
                endpoint, index: index, settings: settings, eventLoop: group.next(), environment: .live, logger: logger)
        }
    }

    /// Begins to connect. Calls made before the first attempt has ended wait for it, within their deadline. From here
    /// on the client keeps itself and its connections alive until ``shutdown()``.
    public func start() {
        for connection in connections { connection.start() }
    }

    /// Fails all calls and closes the connections. The client cannot be started again.
    public func shutdown() async {
        for connection in connections { await connection.shutdown() }
    }

    /// Connections that are open and logged in now.
    public var openConnections: Int {
        connections.count { $0.isReady }
    }

    /// Commands without an answer now, abandoned ones included.
    public var pendingCommands: Int {
        connections.reduce(0) { $0 + $1.pendingCommands }
    }

    /// Sends one command and returns its reply.
    ///
    /// - Parameter deadline: the latest instant at which it returns. A command that is sent by then but not answered
    ///   keeps its place in the connection: its reply is dropped when it comes.
    /// - Throws: ``RedisError``; an error reply of the server as ``RedisError/Reason/server(_:)``.
    public func send(
        _ command: RedisCommand, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> RedisValue {
        if let objection = command.objection {
            throw RedisError(.notSent, .refused(objection), node: endpoint.name)
        }
        return try await perform(command, deadline: deadline)
    }

    /// As ``send(_:deadline:)``, for commands that are known to be safe to share a connection.
    func perform(
        _ command: RedisCommand, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> RedisValue {
        guard let bytes = CommandFormatter.format(command, maximumBytes: settings.maximumCommandBytes) else {
            let reason = RedisError.Reason.limitReached("\(settings.maximumCommandBytes) bytes of one command")
            throw RedisError(.notSent, reason, node: endpoint.name)
        }
        let first = connections.count == 1 ? 0 : turn.add(1, ordering: .relaxed).oldValue
        for offset in 0..<connections.count {
            let index = Int(UInt(bitPattern: first &+ offset) % UInt(connections.count))
            let result = await connections[index].send(bytes, command.shape, deadline: deadline)
            switch result {
            case .success(.error(let answer)): throw RedisError(.failed, .server(answer), node: endpoint.name)
            case .success(let value): return value
            case .failure(let error):
                // A connection that takes no work leaves it to its neighbours.
                guard error.isRefusalOfOneConnection, offset + 1 < connections.count else { throw error }
            }
        }
        throw RedisError(.notSent, .closed, node: endpoint.name)
    }
}

extension RedisError {
    fileprivate var isRefusalOfOneConnection: Bool {
        switch reason {
        case .overdue, .notConnected: true
        case .limitReached: outcome == .notSent
        default: false
        }
    }
}
