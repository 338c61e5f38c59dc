import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection after an answer that said it would: without this, a client that does not close by itself keeps a
/// draining server busy.
final class CloseAfterResponseHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart
    private var shouldClose = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            if head.headerFields[.connection] == "close" { shouldClose = true }
            context.write(data, promise: promise)
        case .end where shouldClose:
            context.writeAndFlush(data, promise: promise)
            context.close(mode: .output, promise: nil)
        default:
            context.write(data, promise: promise)
        }
    }
}
