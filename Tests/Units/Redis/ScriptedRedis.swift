import NIOCore
import NIOPosix
import Synchronization

@testable import Redis

/// A server that answers as a test says, byte for byte, and can break off anywhere. Each connection's first command,
/// the log-in's `PING`, is answered by itself.
final class ScriptedRedis: Sendable {
    enum Step: Sendable {
        case bytes(String)
        /// One byte at a time, each in a turn of the event loop of its own.
        case slices(String)
        /// An orderly end.
        case close
        /// An end by RST.
        case reset
    }

    /// What to do about a command: the number of its connection, its own number there from 0, its words.
    typealias Script = @Sendable (_ connection: Int, _ command: Int, _ words: [String]) -> [Step]

    private struct State {
        var channels: [any Channel] = []
        var commands: [[String]] = []
    }

    private let state = Mutex(State())
    private let listener: Mutex<(any Channel)?> = Mutex(nil)

    /// Connections so far.
    var connectionCount: Int { state.withLock { $0.channels.count } }
    /// The commands that came, log-ins aside.
    var commands: [[String]] { state.withLock { $0.commands } }

    static func start(_ script: @escaping Script) async throws -> ScriptedRedis {
        let server = ScriptedRedis()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                let number = server.state.withLock { state in
                    state.channels.append(channel)
                    return state.channels.count - 1
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptHandler(server, number, script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.listener.withLock { $0 = listener }
        return server
    }

    var endpoint: RedisEndpoint {
        let port = listener.withLock { $0?.localAddress?.port } ?? 0
        return RedisEndpoint(name: "scripted", host: "127.0.0.1", port: port)
    }

    /// Sends bytes that nothing asked for just now.
    func write(_ text: String, to connection: Int) {
        let channel = state.withLock { $0.channels[connection] }
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    func stop() async {
        let channels = state.withLock { $0.channels } + [listener.withLock { $0 }].compactMap(\.self)
        for channel in channels { try? await channel.close().get() }
    }

    fileprivate func note(_ words: [String]) { state.withLock { $0.commands.append(words) } }
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let server: ScriptedRedis
    private let connection: Int
    private let script: ScriptedRedis.Script
    private let reader = ReplyReader(ReplyLimits())
    private var commands = -1

    init(_ server: ScriptedRedis, _ connection: Int, _ script: @escaping ScriptedRedis.Script) {
        self.server = server
        self.connection = connection
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Commands are arrays of strings, so the client's own reader can read them.
        var requests: [RedisValue] = []
        unwrapInboundIn(data).withUnsafeReadableBytes { try? reader.read($0, into: &requests) }
        for request in requests {
            let words = request.array?.compactMap(\.string) ?? []
            if commands >= 0 { server.note(words) }
            let steps = commands < 0 ? [.bytes("+PONG\r\n")] : script(connection, commands, words)
            commands += 1
            for step in steps { perform(step, context.channel) }
        }
    }

    private func perform(_ step: ScriptedRedis.Step, _ channel: any Channel) {
        switch step {
        case .bytes(let text): channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        case .slices(let text):
            for byte in text.utf8 {
                channel.eventLoop.execute { channel.writeAndFlush(ByteBuffer(bytes: [byte]), promise: nil) }
            }
        case .close: channel.close(promise: nil)
        case .reset:
            let end = linger(l_onoff: 1, l_linger: 0)
            (channel as? any SocketOptionProvider)?.setSoLinger(end).whenComplete { _ in channel.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Runs a test with a scripted server and a client of one connection.
func withScriptedRedis<Result>(
    settings: RedisSettings = .patient, _ script: @escaping ScriptedRedis.Script,
    _ body: (RedisClient, ScriptedRedis) async throws -> Result
) async throws -> Result {
    let server = try await ScriptedRedis.start(script)
    var settings = settings
    settings.connections = 1
    let result = try await withRedisClient(server.endpoint, settings: settings) { try await body($0, server) }
    await server.stop()
    return result
}
