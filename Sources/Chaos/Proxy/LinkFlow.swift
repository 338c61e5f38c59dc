import NIOCore

/// One direction of one connection: reads from the source, asks the chain, writes to the sink. Confined to the event
/// loop of its connection.
///
/// Back-pressure: the source is read once at a time, and only while the chain wants more, which it does not while the
/// sink has not taken what is ready. When a peer closes, the system may still hand over what sits in its socket's
/// receive buffer; that much can be held over the limit.
final class LinkFlow {
    private var chain: ToxicChain
    private let loop: any EventLoop
    private var meter: LinkMeter.Flow
    private let source: Side
    private let sink: Side
    private var timer: (due: NIODeadline, scheduled: Scheduled<Void>)?
    private var sourceEnded = false
    /// Whether the sink has been told that the stream is over.
    private(set) var finished = false
    /// Called once, when the last piece is with the sink.
    var onFinish: () -> Void = {}
    /// Called when a toxic wants the connection closed, with whether by a reset.
    var onClose: (_ reset: Bool) -> Void = { _ in }

    /// A peer's channel, absent until the upstream is connected and gone once it has closed.
    final class Side {
        var channel: (any Channel)?
        var gone = false
    }

    init(chain: ToxicChain, from source: Side, to sink: Side, meter: LinkMeter.Flow, loop: any EventLoop) {
        self.chain = chain
        self.source = source
        self.sink = sink
        self.meter = meter
        self.loop = loop
    }

    var acts: Bool { chain.acts }

    func received(_ buffer: ByteBuffer) {
        meter.bytes.wrappingAdd(Int64(buffer.readableBytes), ordering: .relaxed)
        meter.chunks.wrappingAdd(1, ordering: .relaxed)
        if chain.acts { meter.chunksUnderToxic.wrappingAdd(1, ordering: .relaxed) }
        guard !sink.gone else { return }
        chain.receive(.bytes(buffer), at: loop.now)
    }

    /// The source sends no more: it closed its side, or the whole connection.
    func sourceClosed() {
        guard !sourceEnded else { return }
        sourceEnded = true
        chain.receive(.end, at: loop.now)
        pump()
    }

    /// There is no receiver any more: what is held cannot be delivered, what comes is dropped, so that the source's
    /// own end is still seen.
    func sinkClosed() {
        chain.discard()
        finish()
        pump()
    }

    func apply(_ change: ToxicChange) {
        chain.apply(change, at: loop.now)
        pump()
    }

    /// Counts elsewhere from now on.
    func count(in meter: LinkMeter.Flow) {
        self.meter = meter
    }

    /// Writes what may be written, sets the timer for what may not yet, and asks for more if there is room.
    func pump() {
        chain.advance(to: loop.now)
        write()
        schedule()
        if !sourceEnded, sink.gone || chain.wantsMore { source.channel?.read() }
    }

    /// Stops the timer; the connection is over.
    func stop() {
        timer?.scheduled.cancel()
        timer = nil
    }

    private func write() {
        guard let channel = sink.channel, !sink.gone else { return }
        var wrote = false
        while channel.isWritable, let piece = chain.next() {
            switch piece {
            case .bytes(let buffer):
                meter.delivered.wrappingAdd(Int64(buffer.readableBytes), ordering: .relaxed)
                channel.write(buffer, promise: nil)
                wrote = true
            case .end:
                afterWrites(on: channel) {
                    channel.close(mode: .output, promise: nil)
                    self.finish()
                }
                return
            case .close, .reset:
                afterWrites(on: channel) { self.onClose(piece == .reset) }
                return
            }
        }
        if wrote { channel.flush() }
    }

    /// An empty write completes after all before it: only then is it safe to close.
    private func afterWrites(on channel: any Channel, _ body: @escaping () -> Void) {
        channel.writeAndFlush(ByteBuffer()).assumeIsolated().whenComplete { _ in body() }
    }

    private func finish() {
        guard !finished else { return }
        finished = true
        onFinish()
    }

    private func schedule() {
        guard let due = chain.nextDue else {
            stop()
            return
        }
        if let timer, timer.due <= due { return }
        stop()
        let scheduled = loop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            self?.timer = nil
            self?.pump()
        }
        timer = (due, scheduled)
    }
}
