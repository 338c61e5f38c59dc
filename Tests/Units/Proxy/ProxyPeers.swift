import Foundation
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Chaos

/// One end of a connection in a test: what it received, and whether the other side has ended.
final class TestPeer: Sendable {
    let channel: any Channel
    private let state: Mutex<State>

    struct State {
        var bytes: [UInt8] = []
        var ended = false
        var closed = false
        var wasReset = false
    }

    fileprivate init(_ channel: any Channel, reads: Bool) throws {
        self.channel = channel
        state = Mutex(State())
        try channel.pipeline.syncOperations.addHandler(Recorder(self))
        if !reads { try channel.syncOptions?.setOption(.autoRead, value: false) }
    }

    var received: [UInt8] { state.withLock { $0.bytes } }
    var text: String { String(decoding: received, as: UTF8.self) }
    var ended: Bool { state.withLock { $0.ended } }
    var wasReset: Bool { state.withLock { $0.wasReset } }
    var closed: Bool { state.withLock { $0.closed } }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }
    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }
    func endOutput() async throws { try await channel.close(mode: .output).get() }
    func close() async { try? await channel.close() }
    func startReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

    private final class Recorder: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let peer: TestPeer

        init(_ peer: TestPeer) { self.peer = peer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            peer.state.withLock { $0.bytes.append(contentsOf: buffer.readableBytesView) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed? = event as? ChannelEvent { peer.state.withLock { $0.ended = true } }
        }

        func channelInactive(context: ChannelHandlerContext) {
            peer.state.withLock {
                $0.ended = true
                $0.closed = true
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if (error as? IOError)?.errnoCode == ECONNRESET { peer.state.withLock { $0.wasReset = true } }
            context.close(promise: nil)
        }
    }
}

/// A server that keeps every connection it accepted.
final class TestServer: Sendable {
    let listener: any Channel
    private let accepted: Accepted

    final class Accepted: Sendable {
        let peers = Mutex<[TestPeer]>([])
    }

    /// - Parameter path: of a Unix socket; nil: a TCP port of its own.
    init(path: String? = nil, reads: Bool = true) async throws {
        let accepted = Accepted()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let peer = try TestPeer(channel, reads: reads)
                    accepted.peers.withLock { $0.append(peer) }
                }
            }
        self.accepted = accepted
        if let path {
            listener = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        } else {
            listener = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        }
    }

    var address: String { "127.0.0.1:\(listener.localAddress?.port ?? 0)" }
    var peers: [TestPeer] { accepted.peers.withLock { $0 } }

    func peer(_ index: Int = 0) async throws -> TestPeer {
        try await eventually("connection \(index) arrives") { peers.count > index }
        return peers[index]
    }

    func stop() async {
        try? await listener.close()
        for peer in peers {
            await peer.close()
        }
    }
}

func connect(to address: String, reads: Bool = true) async throws -> TestPeer {
    guard case .tcp(let host, let port)? = ProxyAddress(address) else {
        throw ProxyFailure(400, "no address: \(address)")
    }
    let group = MultiThreadedEventLoopGroup.singleton
    return try await ClientBootstrap(group: group)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .connect(host: host, port: port) { channel in
            channel.eventLoop.makeCompletedFuture { try TestPeer(channel, reads: reads) }
        }
}

/// A proxy with one link to `server`, and its control client.
struct ProxyFixture {
    let server: TestServer
    let proxy: ProxyServer
    let control: ProxyControl
    static let link = "client:server"

    static func with(
        path: String? = nil, serverReads: Bool = true, limits: ProxyLimits = ProxyLimits(),
        _ body: (ProxyFixture) async throws -> Void
    ) async throws {
        let server = try await TestServer(path: path, reads: serverReads)
        let proxy = try await ProxyServer(
            control: HostPort(host: "127.0.0.1", port: 0),
            links: [LinkConfiguration(name: link, upstream: path ?? server.address)], limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await body(ProxyFixture(server: server, proxy: proxy, control: ProxyControl(proxy.control))))
        } catch {
            result = .failure(error)
        }
        await proxy.stop()
        await server.stop()
        try result.get()
    }

    var listen: String { proxy.status[0].listen }
    var soon: ContinuousClock.Instant { .now + .seconds(20) }
}
