import Logging
import NIOCore
import Synchronization

/// The links of a proxy by name, and what the control API may do with them as a whole.
final class ProxyLinks: Sendable {
    private let group: any EventLoopGroup
    private let limits: ProxyLimits
    private let seed: UInt64
    private let logger: Logger
    private let links = Mutex<[String: ProxyLink]>([:])

    init(group: any EventLoopGroup, limits: ProxyLimits, seed: UInt64, logger: Logger) {
        self.group = group
        self.limits = limits
        self.seed = seed
        self.logger = logger
    }

    /// By name, sorted.
    var all: [ProxyLink] {
        links.withLock { $0.values.sorted { $0.name < $1.name } }
    }

    func find(_ name: String) throws -> ProxyLink {
        guard let link = links.withLock({ $0[name] }) else { throw ProxyFailure.proxyNotFound }
        return link
    }

    /// Adds a link and starts it if asked. A link that cannot listen is not added.
    func create(_ configuration: LinkConfiguration, enabled: Bool = true) async throws -> ProxyLink {
        guard isName(configuration.name) else {
            throw ProxyFailure(400, "name must be 1 to 200 characters with neither / nor white space")
        }
        let link = ProxyLink(configuration, group: group, limits: limits, seed: seed, logger: logger)
        try links.withLock { links in
            guard links[configuration.name] == nil else { throw ProxyFailure.proxyExists }
            guard links.count < limits.links else { throw ProxyFailure(500, "too many proxies: \(limits.links)") }
            links[configuration.name] = link
        }
        guard enabled else { return link }
        do {
            try await link.start()
        } catch {
            forget(link)
            throw error
        }
        return link
    }

    func delete(_ name: String) async throws {
        let link = try find(name)
        forget(link)
        await link.stop()
    }

    /// Applies the fields given; a change of address closes the link's connections.
    func update(_ link: ProxyLink, _ body: ProxyBody) async throws {
        let status = link.status
        let moves =
            (body.listen ?? status.listen) != status.listen || (body.upstream ?? status.upstream) != status.upstream
        let enabled = body.enabled ?? status.enabled
        if moves || (status.enabled && !enabled) { await link.stop() }
        if moves { link.move(listen: body.listen, upstream: body.upstream) }
        if enabled, !link.status.enabled { try await link.start() }
    }

    /// Creates what is missing and replaces what differs; what is the same stays as it is.
    func populate(_ bodies: [ProxyBody]) async throws -> [LinkStatus] {
        var result: [LinkStatus] = []
        for body in bodies {
            let configuration = LinkConfiguration(
                name: body.name ?? "", listen: body.listen ?? "", upstream: body.upstream ?? "")
            if let existing = try? find(configuration.name) {
                let status = existing.status
                if status.listen == configuration.listen, status.upstream == configuration.upstream {
                    // Toxiproxy answers with the proxy it did not put in place: not enabled, without toxics.
                    result.append(
                        LinkStatus(
                            name: status.name, listen: status.listen, upstream: status.upstream, enabled: false,
                            toxics: []))
                    continue
                }
                try await delete(configuration.name)
            }
            result.append(try await create(configuration, enabled: body.enabled ?? true).status)
        }
        return result
    }

    /// Takes every toxic off and enables every link.
    func reset() async throws {
        for link in all {
            if !link.status.enabled { try await link.start() }
            for toxic in link.status.toxics {
                try await link.remove(toxic.name)
            }
        }
    }

    func stop() async {
        for link in all {
            await link.stop()
        }
    }

    private func forget(_ link: ProxyLink) {
        links.withLock { links in
            if links[link.name] === link { links[link.name] = nil }
        }
    }

    private func isName(_ name: String) -> Bool {
        (1...200).contains(name.count) && !name.contains { $0 == "/" || $0.isWhitespace }
    }
}
