import NIOCore
import NIOPosix

/// Makes a probe's round trip through a link's own listening socket, so that it meets what a client would meet.
/// Probes do not count in the link's counters.
struct Prober: Sendable {
    let group: any EventLoopGroup

    func probe(_ link: ProxyLink, as kind: ProbeProtocol, timeout: TimeAmount) async -> ProbeResult {
        let status = link.status
        guard status.enabled, case .tcp(let host, let port)? = ProxyAddress(status.listen) else {
            return ProbeResult(answered: false, roundTripNanoseconds: nil, error: "the link is disabled")
        }
        let loop = group.next()
        let begun = loop.now
        let answer = loop.makePromise(of: Int64.self)
        let expiry = loop.scheduleTask(in: timeout) { answer.fail(ProbeFailure.noAnswer) }
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ProbeHandler(answer: answer))
                }
            }
        do {
            // A link that listens on every address is reached on this machine's own.
            let channel = try await bootstrap.connect(host: Self.reachable(host), port: port).get()
            if let local = channel.localAddress?.port { await link.exclude(probePort: local) }
            if kind == .tcp {
                answer.succeed((loop.now - begun).nanoseconds)
            } else {
                try await channel.triggerUserOutboundEvent(ProbeHandler.Send(bytes: kind.request)).get()
            }
            defer { channel.close(promise: nil) }
            let nanoseconds = try await answer.futureResult.get()
            expiry.cancel()
            return ProbeResult(answered: true, roundTripNanoseconds: nanoseconds, error: nil)
        } catch {
            expiry.cancel()
            answer.fail(error)
            return ProbeResult(answered: false, roundTripNanoseconds: nil, error: "\(error)")
        }
    }

    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }
}

extension ProbeProtocol {
    /// What is sent; any byte back is an answer.
    fileprivate var request: [UInt8] {
        switch self {
        case .redis: Array("PING\r\n".utf8)
        // Length 8, then the code 80877103.
        case .postgres: [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]
        case .tcp: []
        }
    }
}

private enum ProbeFailure: Error, CustomStringConvertible {
    case noAnswer, closed

    var description: String {
        switch self {
        case .noAnswer: "no answer in time"
        case .closed: "the connection was closed before an answer came"
        }
    }
}

/// Sends the request when told to, and times the first byte that comes back.
private final class ProbeHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Send: Sendable {
        let bytes: [UInt8]
    }

    private let answer: EventLoopPromise<Int64>
    private var sent: NIODeadline?

    init(answer: EventLoopPromise<Int64>) {
        self.answer = answer
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let send = event as? Send else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        sent = context.eventLoop.now
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: send.bytes)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let sent else { return }
        answer.succeed((context.eventLoop.now - sent).nanoseconds)
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.fail(ProbeFailure.closed)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
