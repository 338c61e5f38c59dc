import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Postgres
import Redis
import Resilience
import ServiceLifecycle
import UnixSignals

/// One server of the marketplace, wired and ready to run.
public struct Marketplace: Sendable {
    /// What it was built from.
    public let settings: Settings
    /// What it counts.
    public let metrics: MarketplaceMetrics
    let watch: MapWatch
    /// Where stores live, as far as this server knows now.
    public var map: ShardMap { watch.router.map }
    /// In the order of the settings.
    public let shards: [Shard]
    let cache: TieredCache
    let environment: Environment
    let responder: RouterResponder<MarketplaceContext>
    public let drain: Drain
    let monitors: Monitors
    let connections: Connections
    let cacheKeeper: CacheKeeper
    /// Where it logs to.
    public let logger: Logger

    /// What goes over HTTP, with everything it needs as its services; the order is the order of starting, and backwards
    /// of stopping.
    /// - Parameter onListening: gets the bound port.
    public func application(
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        return Application(
            responder: responder,
            server: HTTPServerBuilder { responder in
                PinnedChannel(
                    base: HTTP1Channel(
                        responder: responder,
                        configuration: .init(additionalChannelHandlers: [CloseAfterResponseHandler()])))
            },
            configuration: ApplicationConfiguration(
                address: .hostname(settings.server.host, port: settings.server.port), serverName: nil,
                backlog: 1024),
            services: [connections, monitors, watch, cacheKeeper],
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
    }

    /// Runs until SIGTERM or SIGINT, then stops in an orderly way within the deadline of its own: readiness says no,
    /// what was accepted is answered, connections are closed.
    /// - Throws: when it cannot listen, or a part of it fails.
    public func run(onListening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        try await serviceGroup(signals: [.sigterm, .sigint], onListening: onListening).run()
    }

    /// The same as a group that can be told to stop in other ways.
    func serviceGroup(
        signals: [UnixSignal] = [], onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: application(onListening: onListening)),
                .init(service: drain, successTerminationBehavior: .ignore),
            ],
            gracefulShutdownSignals: signals, logger: logger)
        configuration.maximumGracefulShutdownDuration = settings.server.shutdownDeadline
        return ServiceGroup(configuration: configuration)
    }
}
