import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A client's connection with the upstream connection that belongs to it, on one event loop.
final class LinkConnection {
    let loop: any EventLoop
    let clientPort: Int?
    private let client = LinkFlow.Side()
    private let server = LinkFlow.Side()
    private let upstream: LinkFlow
    private let downstream: LinkFlow
    private var closed = false

    init(client channel: any Channel, upstream: ToxicChain, downstream: ToxicChain, meter: LinkMeter) {
        loop = channel.eventLoop
        clientPort = channel.remoteAddress?.port
        client.channel = channel
        self.upstream = LinkFlow(chain: upstream, from: client, to: server, meter: meter.upstream, loop: loop)
        self.downstream = LinkFlow(chain: downstream, from: server, to: client, meter: meter.downstream, loop: loop)
        self.upstream.onFinish = { [weak self] in self?.flowFinished() }
        self.downstream.onFinish = { [weak self] in self?.flowFinished() }
        self.upstream.onClose = { [weak self] in self?.close(reset: $0) }
        self.downstream.onClose = { [weak self] in self?.close(reset: $0) }
    }

    /// Whether a toxic acts on it, either way.
    var acts: Bool { upstream.acts || downstream.acts }

    /// What the client sent meanwhile is written now.
    func connected(to channel: any Channel) {
        guard !closed else {
            channel.close(promise: nil)
            return
        }
        server.channel = channel
        upstream.pump()
        downstream.pump()
    }

    func received(_ buffer: ByteBuffer, from end: LinkEnd) {
        flow(from: end).received(buffer)
    }

    /// A read is over, or a peer can take more: everything that may have become possible is in the flows.
    func progress() {
        upstream.pump()
        downstream.pump()
    }

    /// The peer sends no more, but may still read.
    func inputClosed(at end: LinkEnd) {
        flow(from: end).sourceClosed()
    }

    /// The peer is gone, orderly or not. What it had sent is still delivered.
    func gone(at end: LinkEnd) {
        let side = end == .client ? client : server
        side.gone = true
        flow(from: end).sourceClosed()
        flow(to: end).sinkClosed()
    }

    func apply(_ change: ToxicChange, on stream: ToxicStream) {
        (stream == .upstream ? upstream : downstream).apply(change)
    }

    func count(in meter: LinkMeter) {
        upstream.count(in: meter.upstream)
        downstream.count(in: meter.downstream)
    }

    /// Closes both sides now; what is held is given up. For a link that is disabled or deleted, and an upstream that
    /// cannot be reached.
    func close() {
        closed = true
        upstream.stop()
        downstream.stop()
        client.channel?.close(promise: nil)
        server.channel?.close(promise: nil)
    }

    /// With a reset where the transport has one: a socket that does not linger answers what was not read by RST.
    private func close(reset: Bool) {
        if reset {
            for channel in [client.channel, server.channel] {
                // Takes effect at once on the channel's own event loop; a Unix socket has no such option.
                _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            }
        }
        close()
    }

    private func flow(from end: LinkEnd) -> LinkFlow { end == .client ? upstream : downstream }
    private func flow(to end: LinkEnd) -> LinkFlow { end == .client ? downstream : upstream }

    private func flowFinished() {
        if upstream.finished, downstream.finished { close() }
    }
}

/// The two ends of a connection.
enum LinkEnd: Sendable {
    case client, server
}
