/// What passed through one link since the proxy started. All only grow, but for ``openConnections``.
public struct LinkCounters: Sendable, Codable, Equatable {
    /// Connections accepted.
    public var connections: Int64 = 0
    /// Connections open now.
    public var openConnections: Int64 = 0
    /// Connections accepted while any toxic was in force.
    public var connectionsUnderToxic: Int64 = 0
    /// Connections closed because the upstream did not accept one.
    public var upstreamRefusals: Int64 = 0
    /// Towards the server.
    public var upstream = Stream()
    /// Towards the client.
    public var downstream = Stream()

    /// Nothing counted yet.
    public init() {}

    /// One direction.
    public struct Stream: Sendable, Codable, Equatable {
        /// Bytes read from the sender.
        public var bytes: Int64 = 0
        /// Reads that brought bytes. A request or reply that fits the socket's buffer is usually one chunk.
        public var chunks: Int64 = 0
        /// Chunks that came while a toxic acted on this direction of their connection.
        public var chunksUnderToxic: Int64 = 0
        /// Bytes written to the receiver.
        public var delivered: Int64 = 0

        /// Nothing counted yet.
        public init() {}
    }

    /// Chunks, either way, that met a toxic.
    public var chunksUnderToxic: Int64 { upstream.chunksUnderToxic + downstream.chunksUnderToxic }
}
