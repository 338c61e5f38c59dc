import Foundation
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage

/// A controller's side of the guardian: starts one when there is none, holds the lease, and replaces the guardian when
/// it dies.
final class GuardianLease: Sendable {
    private let context: FleetContext
    private let executables: Executables
    private let state = Mutex(State())

    private struct State {
        var channel: (any Channel)?
        var isClosing = false
        var replacement: Task<Void, Never>?
        /// The guardian that this process started last, to be collected.
        var guardian: ProcessIdentity?
    }

    /// How often a controller is heard of; a tenth of what its guardian waits.
    static let beat = Duration.milliseconds(500)
    /// How long a new guardian may take to listen.
    static let startLimit = Duration.seconds(10)

    init(context: FleetContext) {
        self.context = context
        executables = Executables(variables: context.environment.variables)
    }

    private var socket: FilePath { GuardianProcess.socket(context.directory) }

    /// Returns once a guardian knows of this process.
    func open() async throws {
        let end = context.environment.now() + Self.startLimit
        if await connect() { return }
        var guardian = try start()
        while context.environment.now() < end {
            if await connect() { return }
            if !ProcessTable.isAlive(guardian) {
                // It may have lost a race against another controller's guardian, which then answers; else it failed.
                try await context.environment.sleep(.milliseconds(20))
                if await connect() { return }
                guardian = try start()
            }
            try await context.environment.sleep(.milliseconds(5))
        }
        let log = LogFile(GuardianProcess.log(context.directory)).tail()
        throw FleetError.failed("the guardian of \(context.name) did not come up:\n\(log)")
    }

    /// Gives the lease up: what this process holds is healed, a fleet that is not kept is ended.
    func close() async {
        let last = state.withLock { state in
            state.isClosing = true
            defer { state.channel = nil }
            return state
        }
        last.replacement?.cancel()
        try? await last.channel?.close()
        if let guardian = last.guardian { ProcessTable.collect(guardian.pid) }
    }

    /// Asks the guardian to end the fleet.
    func end() async throws {
        let channel = state.withLock { state in
            state.isClosing = true
            return state.channel
        }
        try await channel?.writeAndFlush(ByteBuffer(string: "end\n"))
    }

    /// Starts a guardian of its own accord, without a lease.
    @discardableResult
    func start() throws -> ProcessIdentity {
        guard let program = executables.find("chaos") else {
            throw FleetError.failed(
                "cannot find the program chaos next to \(executables.running), on PATH or in .build/debug: "
                    + "run swift build"
            )
        }
        try context.ledger.append(.starting(node: GuardianProcess.nodeName))
        let identity = try Spawn(
            program: program.string, arguments: ["guardian", "--fleet", context.name, "--root", context.root.string],
            environment: context.environment.variables,
            // Not below the fleet's directory, where everything is ended.
            directory: "/", output: GuardianProcess.log(context.directory)
        ).start()
        try context.ledger.append(
            .started(node: GuardianProcess.nodeName, as: StartedNode(handle: .process(identity))))
        state.withLock { $0.guardian = identity }
        return identity
    }

    private func connect() async -> Bool {
        guard let hello = try? JSONEncoder().encode(ProcessTable.own) else { return false }
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let welcome = eventLoop.makePromise(of: Void.self)
        let channel = try? await ClientBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        WelcomeHandler(welcome: welcome, lost: { [weak self] in self?.lost() }))
                }
            }
            .connect(unixDomainSocketPath: socket.string).get()
        guard let channel else {
            welcome.fail(FleetError.failed("no guardian listens"))
            _ = try? await welcome.futureResult.get()
            return false
        }
        channel.eventLoop.scheduleRepeatedTask(initialDelay: TimeAmount(Self.beat), delay: TimeAmount(Self.beat)) {
            task in
            guard channel.isActive else { return task.cancel() }
            channel.writeAndFlush(ByteBuffer(string: "beat\n"), promise: nil)
        }
        channel.writeAndFlush(ByteBuffer(string: "hello \(String(decoding: hello, as: UTF8.self))\n"), promise: nil)
        guard (try? await welcome.futureResult.get()) != nil else { return false }
        state.withLock { $0.channel = channel }
        // Lost again before it was noted: nobody has been told.
        if !channel.isActive { lost() }
        return true
    }

    /// The guardian is gone. A fleet that is still there gets another.
    private func lost() {
        state.withLock { state in
            guard state.channel?.isActive == false, !state.isClosing else { return }
            state.channel = nil
            if let guardian = state.guardian { ProcessTable.collect(guardian.pid) }
            guard FileManager.default.fileExists(atPath: context.ledger.path.string) else { return }
            state.replacement = Task { [self] in try? await open() }
        }
    }
}

/// Waits for the guardian's answer to `hello`, then for its end.
private final class WelcomeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let welcome: EventLoopPromise<Void>
    private let lost: @Sendable () -> Void

    init(welcome: EventLoopPromise<Void>, lost: @escaping @Sendable () -> Void) {
        self.welcome = welcome
        self.lost = lost
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { welcome.succeed(()) }

    func channelInactive(context: ChannelHandlerContext) {
        welcome.fail(FleetError.failed("the guardian closed the connection"))
        lost()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
