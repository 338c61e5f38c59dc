import Synchronization

/// The live side of ``LinkCounters``: counted on any event loop, read by the control API.
final class LinkMeter: Sendable {
    let connections = Atomic<Int64>(0)
    let openConnections = Atomic<Int64>(0)
    let connectionsUnderToxic = Atomic<Int64>(0)
    let upstreamRefusals = Atomic<Int64>(0)
    let upstream = Flow()
    let downstream = Flow()

    final class Flow: Sendable {
        let bytes = Atomic<Int64>(0)
        let chunks = Atomic<Int64>(0)
        let chunksUnderToxic = Atomic<Int64>(0)
        let delivered = Atomic<Int64>(0)

        var snapshot: LinkCounters.Stream {
            var stream = LinkCounters.Stream()
            stream.bytes = bytes.load(ordering: .relaxed)
            stream.chunks = chunks.load(ordering: .relaxed)
            stream.chunksUnderToxic = chunksUnderToxic.load(ordering: .relaxed)
            stream.delivered = delivered.load(ordering: .relaxed)
            return stream
        }
    }

    func flow(_ stream: ToxicStream) -> Flow {
        stream == .upstream ? upstream : downstream
    }

    var snapshot: LinkCounters {
        var counters = LinkCounters()
        counters.connections = connections.load(ordering: .relaxed)
        counters.openConnections = openConnections.load(ordering: .relaxed)
        counters.connectionsUnderToxic = connectionsUnderToxic.load(ordering: .relaxed)
        counters.upstreamRefusals = upstreamRefusals.load(ordering: .relaxed)
        counters.upstream = upstream.snapshot
        counters.downstream = downstream.snapshot
        return counters
    }
}
