import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// A TCP proxy with its control API, in this process. `chaos proxy` runs one; tests may run many.
public final class ProxyServer: Sendable {
    /// Where the control API listens.
    public let control: HostPort
    private let links: ProxyLinks
    private let listener: any Channel

    /// Starts every link and then the control API. Throws ``ProxyStartError`` with nothing left listening.
    ///
    /// - Parameter seed: of jitter and toxicity.
    public init(
        control: HostPort, links configurations: [LinkConfiguration] = [], seed: UInt64 = 42,
        limits: ProxyLimits = ProxyLimits(), group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger
    ) async throws(ProxyStartError) {
        let links = ProxyLinks(group: group, limits: limits, seed: seed, logger: logger)
        for configuration in configurations {
            do {
                _ = try await links.create(configuration)
            } catch {
                await links.stop()
                throw .link(configuration.name, reason: (error as? ProxyFailure)?.message ?? "\(error)")
            }
        }
        let routes = ControlRoutes(links: links, prober: Prober(group: group))
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        ControlHandler(routes: routes, greatestBody: limits.requestBytes))
                }
            }
        do {
            listener = try await bootstrap.bind(host: control.host, port: control.port).get()
        } catch {
            await links.stop()
            throw .control(control, reason: ProxyFailure.reason(error))
        }
        self.links = links
        self.control = HostPort(host: control.host, port: listener.localAddress?.port ?? control.port)
    }

    /// The state of every link, by name.
    public var status: [LinkStatus] { links.all.map(\.status) }

    /// What passed through every link so far, by name.
    public var counters: [String: LinkCounters] {
        Dictionary(links.all.map { ($0.name, $0.meter.snapshot) }, uniquingKeysWith: { first, _ in first })
    }

    /// What the ready file says.
    public func ready(pid: Int32) -> ProxyReady {
        let listening = status.map { ($0.name, $0.listen) }
        return ProxyReady(
            control: control.description, links: Dictionary(listening, uniquingKeysWith: { first, _ in first }),
            pid: pid)
    }

    /// Stops listening and closes every connection.
    public func stop() async {
        try? await listener.close()
        await links.stop()
    }
}

/// Why a proxy did not start.
public enum ProxyStartError: Error, Sendable, Equatable, CustomStringConvertible {
    case link(String, reason: String)
    case control(HostPort, reason: String)

    public var description: String {
        switch self {
        case .link(let name, let reason): "link \(name) cannot start: \(reason)"
        case .control(let address, let reason):
            "the control API cannot listen on \(address): \(reason); choose another port with --port, or 0 for any"
        }
    }
}
