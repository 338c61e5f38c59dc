import NIOCore
import NIOPosix

/// What stands behind one channel: a ``RedisChannelHandler`` tells it what happens there. All of it is called on the
/// channel's event loop, with the generation that the channel was opened for.
protocol RedisChannelOwner: Sendable {
    /// The channel is open; false when it comes too late and is to be closed.
    func opened(_ channel: any Channel, generation: Int) -> Bool
    /// Values came, in this order.
    func received(_ values: [RedisValue], generation: Int)
    /// The channel could not be opened, broke, or brought what is no reply.
    func lost(_ reason: RedisError.Reason, generation: Int)
    /// The channel takes bytes again, or no more.
    func writabilityChanged()
}

extension RedisChannelOwner {
    /// Opens a channel to a server; how that went is told to this owner.
    /// - Returns: ends when the attempt does.
    func connect(
        to endpoint: RedisEndpoint, settings: RedisSettings, on eventLoop: any EventLoop, generation: Int
    ) -> EventLoopFuture<Void> {
        let (seconds, attoseconds) = settings.connectTimeout.components
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(.nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 16384, maximum: 65536)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = RedisChannelHandler(self, generation: generation, limits: settings.replies)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        let channel =
            switch endpoint.address {
            case .tcp(let host, let port):
                Self.connect(bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1), host, port)
            case .unixSocket(let path):
                bootstrap.connect(unixDomainSocketPath: path)
            }
        let attempt = channel.map { _ in }
        attempt.whenFailure { error in lost(.connectionLost("\(error)"), generation: generation) }
        return attempt
    }

    /// An address needs no resolver, whose threads and waits it therefore spares.
    private static func connect(
        _ bootstrap: ClientBootstrap, _ host: String, _ port: Int
    ) -> EventLoopFuture<any Channel> {
        if let address = try? SocketAddress(ipAddress: host, port: port) { return bootstrap.connect(to: address) }
        return bootstrap.connect(host: host, port: port)
    }
}
