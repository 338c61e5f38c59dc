import Logging
import NIOCore
import NIOPosix
import Synchronization

/// One link: a listening socket, its upstream, its toxics and its connections. Toxiproxy calls it a proxy.
final class ProxyLink: Sendable {
    let name: String
    let meter = LinkMeter()
    private let group: any EventLoopGroup
    private let limits: ProxyLimits
    private let seed: UInt64
    private let logger: Logger
    private let state: Mutex<State>

    struct State: Sendable {
        var listen: String
        var upstream: String
        var enabled = false
        var toxics: [ToxicSpecification] = []
        var listener: (any Channel)?
        var connections: [UInt64: Entry] = [:]
        var accepted: UInt64 = 0
        /// Ports of probes that were not accepted yet when they connected.
        var probePorts: Set<Int> = []
    }

    struct Entry: Sendable {
        let connection: NIOLoopBound<LinkConnection>
        let port: Int?
        let underToxic: Bool
        /// False for a probe's.
        var counted: Bool
    }

    init(
        _ configuration: LinkConfiguration, group: any EventLoopGroup, limits: ProxyLimits, seed: UInt64, logger: Logger
    ) {
        name = configuration.name
        self.group = group
        self.limits = limits
        self.seed = seed
        self.logger = logger
        state = Mutex(State(listen: configuration.listen, upstream: configuration.upstream))
    }

    var status: LinkStatus {
        state.withLock {
            LinkStatus(
                name: name, listen: $0.listen, upstream: $0.upstream, enabled: $0.enabled,
                toxics: $0.toxics.filter { $0.stream == .upstream } + $0.toxics.filter { $0.stream == .downstream })
        }
    }

    /// Listens. Throws ``ProxyFailure`` when the address is no address or cannot be bound.
    func start() async throws {
        let (listen, upstream) = state.withLock { ($0.listen, $0.upstream) }
        guard case .tcp(let host, let port)? = ProxyAddress(listen) else {
            throw ProxyFailure(500, "listen tcp: address \(listen): not host:port")
        }
        guard let target = ProxyAddress(upstream) else {
            throw ProxyFailure(400, "upstream \(upstream): neither host:port nor a path of under 108 bytes")
        }
        let dialer = UpstreamDialer(address: target, timeLimit: .milliseconds(limits.connectMilliseconds))
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [weak self] channel in
                guard let self else { return channel.close() }
                return channel.eventLoop.makeCompletedFuture { try self.accept(channel, dialer: dialer) }
            }
        state.withLock { $0.enabled = true }
        do {
            let listener = try await bootstrap.bind(host: host, port: port).get()
            state.withLock {
                $0.listener = listener
                $0.listen = ProxyAddress(listener.localAddress)?.description ?? listen
            }
        } catch {
            state.withLock { $0.enabled = false }
            throw ProxyFailure(500, "listen tcp \(listen): bind: \(ProxyFailure.reason(error))")
        }
    }

    /// Stops listening and closes every connection; what they held is given up.
    func stop() async {
        let (listener, connections) = state.withLock { state in
            defer {
                state.listener = nil
                state.enabled = false
            }
            return (state.listener, Array(state.connections.values))
        }
        try? await listener?.close()
        for connection in connections.map(\.connection) {
            try? await connection.eventLoop.submit { connection.value.close() }.get()
        }
    }

    /// Moves to other addresses, stopped; what is nil stays.
    func move(listen: String?, upstream: String?) {
        state.withLock {
            if let listen { $0.listen = listen }
            if let upstream { $0.upstream = upstream }
        }
    }

    private func accept(_ channel: any Channel, dialer: UpstreamDialer) throws {
        let port = channel.remoteAddress?.port
        let admitted: (number: UInt64, connection: NIOLoopBound<LinkConnection>)? = state.withLock { state in
            guard state.enabled, state.connections.count < limits.connectionsPerLink else { return nil }
            state.accepted += 1
            let number = state.accepted
            let counted = port.map { state.probePorts.remove($0) == nil } ?? true
            let connection = LinkConnection(
                client: channel, upstream: chain(.upstream, number, state.toxics, at: channel.eventLoop.now),
                downstream: chain(.downstream, number, state.toxics, at: channel.eventLoop.now),
                meter: counted ? meter : LinkMeter())
            let entry = Entry(
                connection: NIOLoopBound(connection, eventLoop: channel.eventLoop), port: port,
                underToxic: connection.acts, counted: counted)
            state.connections[number] = entry
            if counted { count(1, underToxic: entry.underToxic) }
            return (number, entry.connection)
        }
        guard let admitted else {
            logger.warning(
                "connection closed at once", metadata: ["link": "\(name)", "limit": "\(limits.connectionsPerLink)"])
            channel.close(promise: nil)
            return
        }
        channel.closeFuture.whenComplete { [weak self] _ in self?.forget(admitted.number) }
        // Once it is active: a Unix socket connects at once, and a channel that is not yet active forgets that it was
        // asked to read.
        let handler = LinkHandler(admitted.connection.value, end: .client) { [weak self] in
            self?.dial(admitted.connection, with: dialer)
        }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    private func dial(_ connection: NIOLoopBound<LinkConnection>, with dialer: UpstreamDialer) {
        let connected = dialer.connect(on: connection.eventLoop) { upstream in
            upstream.eventLoop.makeCompletedFuture {
                try upstream.pipeline.syncOperations.addHandler(LinkHandler(connection.value, end: .server))
            }
        }
        connected.whenComplete { [meter, logger, name] result in
            switch result {
            case .success(let channel): connection.value.connected(to: channel)
            case .failure(let error):
                meter.upstreamRefusals.wrappingAdd(1, ordering: .relaxed)
                logger.debug("upstream refused", metadata: ["link": "\(name)", "error": "\(error)"])
                connection.value.close()
            }
        }
    }

    private func chain(
        _ stream: ToxicStream, _ number: UInt64, _ toxics: [ToxicSpecification], at now: NIODeadline
    ) -> ToxicChain {
        ToxicChain(
            limit: limits.heldBytes,
            random: ToxicRandom(seed: seed, link: name, connection: number, stream: stream),
            toxics: toxics.filter { $0.stream == stream }, at: now)
    }

    private func count(_ connections: Int64, underToxic: Bool) {
        meter.connections.wrappingAdd(connections, ordering: .relaxed)
        meter.openConnections.wrappingAdd(connections, ordering: .relaxed)
        if underToxic { meter.connectionsUnderToxic.wrappingAdd(connections, ordering: .relaxed) }
    }

    private func forget(_ number: UInt64) {
        state.withLock {
            if $0.connections.removeValue(forKey: number)?.counted == true {
                meter.openConnections.wrappingSubtract(1, ordering: .relaxed)
            }
        }
    }
}

extension ProxyLink {
    /// Adds a toxic to every live connection and those to come; in force when this returns.
    func add(_ toxic: ToxicSpecification) async throws {
        try await change(on: toxic.stream, .add(toxic)) { toxics in
            guard !toxics.contains(where: { $0.name == toxic.name }) else {
                throw ProxyFailure(409, "toxic already exists")
            }
            guard toxics.count < self.limits.toxicsPerLink else {
                throw ProxyFailure(500, "too many toxics on this link")
            }
            toxics.append(toxic)
        }
    }

    /// Gives a toxic other attributes; what it holds is taken anew.
    func update(_ toxic: ToxicSpecification) async throws {
        try await change(on: toxic.stream, .update(toxic)) { toxics in
            guard let index = toxics.firstIndex(where: { $0.name == toxic.name }) else {
                throw ProxyFailure.toxicNotFound
            }
            toxics[index] = toxic
        }
    }

    /// Takes a toxic off and lets go what it held.
    func remove(_ toxic: String) async throws {
        guard let stream = status.toxics.first(where: { $0.name == toxic })?.stream else {
            throw ProxyFailure.toxicNotFound
        }
        try await change(on: stream, .remove(name: toxic)) { toxics in
            guard let index = toxics.firstIndex(where: { $0.name == toxic }) else { throw ProxyFailure.toxicNotFound }
            toxics.remove(at: index)
        }
    }

    /// Leaves the connection of a probe, known by its local port, out of the counters. Its bytes must follow this.
    func exclude(probePort port: Int) async {
        let found: NIOLoopBound<LinkConnection>? = state.withLock { state in
            guard let number = state.connections.first(where: { $0.value.port == port })?.key,
                let entry = state.connections[number]
            else {
                state.probePorts.insert(port)
                return nil
            }
            state.connections[number]?.counted = false
            count(-1, underToxic: entry.underToxic)
            return entry.connection
        }
        guard let found else { return }
        try? await found.eventLoop.submit { found.value.count(in: LinkMeter()) }.get()
    }

    private func change(
        on stream: ToxicStream, _ change: ToxicChange, _ edit: (inout [ToxicSpecification]) throws -> Void
    ) async throws {
        // Handed to the event loops under the lock, so that two changes reach every connection in the same order.
        let applied = try state.withLock { state in
            try edit(&state.toxics)
            return state.connections.values.map(\.connection).map { connection in
                connection.eventLoop.submit { connection.value.apply(change, on: stream) }
            }
        }
        for future in applied {
            try? await future.get()
        }
    }
}
