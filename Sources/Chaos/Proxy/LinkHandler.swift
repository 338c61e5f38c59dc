import NIOCore

/// The channel handler at one end of a connection: it tells the connection what happened.
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: LinkConnection
    private let end: LinkEnd
    private let onActive: () -> Void

    init(_ connection: LinkConnection, end: LinkEnd, onActive: @escaping () -> Void = {}) {
        self.connection = connection
        self.end = end
        self.onActive = onActive
    }

    func channelActive(context: ChannelHandlerContext) {
        onActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.received(unwrapInboundIn(data), from: end)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        connection.progress()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        connection.progress()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { connection.inputClosed(at: end) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.gone(at: end)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset by the peer, or a write to one that is gone: `channelInactive` follows.
        context.close(promise: nil)
    }
}
