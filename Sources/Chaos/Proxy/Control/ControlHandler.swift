import NIOCore
import NIOHTTP1

/// Reads one request at a time, has it answered, writes the answer.
final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let routes: ControlRoutes
    private let greatestBody: Int
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var tooLarge = false

    init(routes: ControlRoutes, greatestBody: Int) {
        self.routes = routes
        self.greatestBody = greatestBody
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
            tooLarge = false
        case .body(var part):
            if body.readableBytes + part.readableBytes > greatestBody {
                tooLarge = true
            } else {
                body.writeBuffer(&part)
            }
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        let request = ControlRequest(head: head, body: String(buffer: body))
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let promise = context.eventLoop.makePromise(of: ControlResponse.self)
        promise.futureResult.whenSuccess { response in
            Self.write(response, keepAlive: head.isKeepAlive, version: head.version, context: bound.value)
        }
        guard !tooLarge else {
            promise.succeed(.failure(ProxyFailure(413, "request body over \(greatestBody) bytes")))
            return
        }
        promise.completeWithTask { [routes] in await routes.answer(request) }
    }

    private static func write(
        _ response: ControlResponse, keepAlive: Bool, version: HTTPVersion, context: ChannelHandlerContext
    ) {
        var head = HTTPResponseHead(version: version, status: HTTPResponseStatus(statusCode: response.status))
        if let type = response.contentType { head.headers.add(name: "Content-Type", value: type) }
        if response.status != 204 { head.headers.add(name: "Content-Length", value: "\(response.body.utf8.count)") }
        if !keepAlive { head.headers.add(name: "Connection", value: "close") }
        let channel = context.channel
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if !response.body.isEmpty {
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: response.body))), promise: nil)
        }
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in
            if !keepAlive { channel.close(promise: nil) }
        }
    }
}
