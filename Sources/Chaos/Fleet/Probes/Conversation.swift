import NIOCore
import NIOPosix

/// One connection to a node for one exchange: what readiness asks, past all faults.
///
/// The drivers are not used here, since Chaos works on anyone's service and must not share a bug with what it tests.
struct Conversation {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private(set) var received = ByteBuffer()

    /// No answer of a probe is longer.
    static let limit = 64 << 10

    /// Connects, lets `body` talk, and closes, all within `limit`.
    static func with<T: Sendable>(
        _ endpoint: NodeEndpoint, limit: Duration, in environment: FleetEnvironment,
        _ body: @escaping @Sendable (inout Conversation) async throws -> T
    ) async throws -> T {
        try await withThrowingTaskGroup(of: T.self) { group in
            group.addTask {
                let channel = try await connect(endpoint, limit: limit)
                return try await channel.executeThenClose { inbound, outbound in
                    var conversation = Conversation(inbound: inbound.makeAsyncIterator(), outbound: outbound)
                    return try await body(&conversation)
                }
            }
            group.addTask {
                try await environment.sleep(limit)
                throw FleetError.failed("\(endpoint) did not answer within \(limit)")
            }
            defer { group.cancelAll() }
            return try await group.next()!
        }
    }

    private static func connect(
        _ endpoint: NodeEndpoint, limit: Duration
    ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(limit))
        switch endpoint {
        case .unix(let path):
            return try await bootstrap.connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
            }
        case .tcp(let address):
            return try await bootstrap.connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
            }
        }
    }

    func send(_ bytes: ByteBuffer) async throws { try await outbound.write(bytes) }

    /// Reads until `parse` gives a value; what it read from the buffer stays read only then.
    mutating func receive<T>(_ parse: (inout ByteBuffer) throws -> T?) async throws -> T {
        while true {
            var copy = received
            if let value = try parse(&copy) {
                received = copy
                return value
            }
            guard received.readableBytes < Self.limit else {
                throw FleetError.failed("an answer of more than \(Self.limit) bytes: is this the right server?")
            }
            guard let more = try await inbound.next() else {
                throw FleetError.failed("the server closed the connection")
            }
            received.writeImmutableBuffer(more)
        }
    }
}
