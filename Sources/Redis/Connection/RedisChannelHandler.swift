import NIOCore

/// One channel's end of the pipeline: bytes become replies, and whatever ends the channel is told to its owner.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let owner: any RedisChannelOwner
    private let generation: Int
    private let reader: ReplyReader
    private var isBroken = false

    init(_ owner: any RedisChannelOwner, generation: Int, limits: ReplyLimits) {
        self.owner = owner
        self.generation = generation
        reader = ReplyReader(limits)
    }

    func channelActive(context: ChannelHandlerContext) {
        if !owner.opened(context.channel, generation: generation) { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Bytes may still arrive between a refusal and the end of the channel.
        if isBroken { return }
        let buffer = unwrapInboundIn(data)
        var replies: [RedisValue] = []
        var refusal: ReplyScanner.Refusal?
        buffer.withUnsafeReadableBytes { bytes in
            do throws(ReplyScanner.Refusal) {
                try reader.read(bytes, into: &replies)
            } catch {
                refusal = error
            }
        }
        if !replies.isEmpty { owner.received(replies, generation: generation) }
        if let refusal {
            isBroken = true
            owner.lost(.protocolViolation(refusal.message), generation: generation)
            context.close(promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        owner.writabilityChanged()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        owner.lost(.connectionLost("the server closed the connection"), generation: generation)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        owner.lost(.connectionLost("\(error)"), generation: generation)
        context.close(promise: nil)
    }
}
