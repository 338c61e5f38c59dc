import NIOCore
import NIOPosix

/// Connects to an upstream, on the event loop of the client's connection.
struct UpstreamDialer: Sendable {
    let address: ProxyAddress
    let timeLimit: TimeAmount

    /// How often a Unix socket whose queue is full is tried again.
    private static let retryInterval = TimeAmount.milliseconds(20)

    /// Fails with the last error when the upstream refuses, or does not accept in time.
    func connect(
        on loop: any EventLoop, configure: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        attempt(on: loop, until: loop.now + timeLimit, configure: configure)
    }

    private func attempt(
        on loop: any EventLoop, until end: NIODeadline,
        configure: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        var bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(max(.milliseconds(1), end - loop.now))
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer(configure)
        switch address {
        case .tcp(let host, let port):
            bootstrap = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
            return bootstrap.connect(host: host, port: port)
        case .unix(let path):
            return bootstrap.connect(unixDomainSocketPath: path).flatMapError { error in
                // A paused server's queue of waiting connections is full. Over TCP a client would go on asking until
                // its own time is over; over a Unix socket it is told at once, so the asking is done here.
                guard (error as? IOError)?.errnoCode == EAGAIN, loop.now + Self.retryInterval < end else {
                    return loop.makeFailedFuture(error)
                }
                return loop.scheduleTask(in: Self.retryInterval) {}.futureResult.flatMap {
                    attempt(on: loop, until: end, configure: configure)
                }
            }
        }
    }
}
