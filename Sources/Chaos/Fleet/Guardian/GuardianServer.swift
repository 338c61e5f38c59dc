import Foundation
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage

/// The guardian's end of its leases: a Unix socket in the fleet's directory on which controllers say, a line each,
/// `hello JSON` (who they are), `beat`, and `end`.
struct GuardianServer: Sendable {
    let events: AsyncStream<GuardianState.Event>
    private let continuation: AsyncStream<GuardianState.Event>.Continuation
    private let channel: any Channel
    private let ticks: RepeatedTask
    private let leases: Leases

    /// Events not looked at yet; far more than controllers can send between two looks.
    static let eventLimit = 10_000

    static func listen(_ socket: FilePath, tick: Duration) async throws -> GuardianServer {
        unlink(socket.string)
        let (events, continuation) = AsyncStream.makeStream(
            of: GuardianState.Event.self, bufferingPolicy: .bufferingNewest(eventLimit))
        let leases = Leases()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(LineDecoder(), maximumBufferSize: 4_096),
                        LeaseHandler(id: leases.add(child), leases: leases, report: { continuation.yield($0) }))
                }
            }
            .bind(unixDomainSocketPath: socket.string).get()
        let ticks = channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: TimeAmount(tick)) { _ in
            continuation.yield(.tick)
        }
        return GuardianServer(
            events: events, continuation: continuation, channel: channel, ticks: ticks, leases: leases)
    }

    func report(_ event: GuardianState.Event) { continuation.yield(event) }

    /// Answers a controller's `hello`.
    func welcome(_ lease: GuardianState.LeaseID) {
        leases.channel(lease)?.writeAndFlush(ByteBuffer(string: "welcome\n"), promise: nil)
    }

    func close() async {
        ticks.cancel()
        try? await channel.close()
        continuation.finish()
    }
}

/// The open leases, numbered from one up.
private final class Leases: Sendable {
    private let state = Mutex((last: 0, channels: [GuardianState.LeaseID: any Channel]()))

    func add(_ channel: any Channel) -> GuardianState.LeaseID {
        state.withLock { state in
            state.last += 1
            state.channels[state.last] = channel
            return state.last
        }
    }

    func remove(_ id: GuardianState.LeaseID) { state.withLock { $0.channels[id] = nil } }

    func channel(_ id: GuardianState.LeaseID) -> (any Channel)? { state.withLock { $0.channels[id] } }
}

/// Cuts the stream into lines.
private struct LineDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = String

    mutating func decode(buffer: inout ByteBuffer) throws -> String? {
        guard let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = buffer.readString(length: end - buffer.readerIndex)
        buffer.moveReaderIndex(forwardBy: 1)
        return line
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> String? { try decode(buffer: &buffer) }
}

/// One controller's connection.
private final class LeaseHandler: ChannelInboundHandler {
    typealias InboundIn = String

    private let id: Int
    private let leases: Leases
    private let report: @Sendable (GuardianState.Event) -> Void

    init(id: Int, leases: Leases, report: @escaping @Sendable (GuardianState.Event) -> Void) {
        self.id = id
        self.leases = leases
        self.report = report
    }

    func channelActive(context: ChannelHandlerContext) { report(.opened(id)) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let line = unwrapInboundIn(data)
        if line == "beat" {
            report(.beat(id))
        } else if line == "end" {
            report(.end)
        } else if line.hasPrefix("hello "),
            let identity = try? JSONDecoder().decode(ProcessIdentity.self, from: Data(line.dropFirst(6).utf8))
        {
            report(.hello(id, identity))
        } else {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leases.remove(id)
        report(.closed(id))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
