import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// The Swift client of a proxy's control API. Every call has a deadline; a call that ended in `unreachable` or
/// `deadlineExceeded` may or may not have been carried out.
public struct ProxyControl: Sendable {
    /// Where the control API listens.
    public let address: HostPort
    let client: HTTPClient
    let now: @Sendable () -> ContinuousClock.Instant

    /// Makes a client of the control API at an address.
    public init(
        _ address: HostPort, client: HTTPClient = .shared,
        now: @escaping @Sendable () -> ContinuousClock.Instant = FleetEnvironment.live.now
    ) {
        self.address = address
        self.client = client
        self.now = now
    }

    /// The version text; the cheapest way to see that the proxy answers.
    public func version(deadline: ContinuousClock.Instant) async throws(ProxyControlError) -> String {
        try await call(.GET, "/version", deadline: deadline)
    }

    /// Every link with its toxics, by name.
    public func links(deadline: ContinuousClock.Instant) async throws(ProxyControlError) -> [String: LinkStatus] {
        let call = "GET /proxies"
        let json = try parse(try await self.call(.GET, "/proxies", deadline: deadline), call)
        guard case .object(let fields) = json else { throw malformed(call, "not an object") }
        var links: [String: LinkStatus] = [:]
        for field in fields {
            links[field.name] = try read(field.value, call) { json throws(GoJSON.ParseError) in try LinkStatus(json) }
        }
        return links
    }

    /// One link with its toxics.
    public func link(_ name: String, deadline: ContinuousClock.Instant) async throws(ProxyControlError) -> LinkStatus {
        try await linkCall(.GET, Self.path(name), deadline: deadline)
    }

    /// Adds a link and starts it.
    @discardableResult
    public func create(
        _ link: LinkConfiguration, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) -> LinkStatus {
        let body: GoJSON = [
            "name": .string(link.name), "listen": .string(link.listen), "upstream": .string(link.upstream),
        ]
        return try await linkCall(.POST, "/proxies", body: body, deadline: deadline)
    }

    /// Closes a link's connections and forgets it.
    public func delete(_ link: String, deadline: ContinuousClock.Instant) async throws(ProxyControlError) {
        _ = try await call(.DELETE, Self.path(link), deadline: deadline)
    }

    /// Lets a link listen, or closes it and its connections.
    @discardableResult
    public func setEnabled(
        _ enabled: Bool, link: String, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) -> LinkStatus {
        try await linkCall(.POST, Self.path(link), body: ["enabled": .bool(enabled)], deadline: deadline)
    }

    /// Puts a toxic in force on live and new connections; it is in force when this returns.
    @discardableResult
    public func add(
        _ toxic: ToxicSpecification, to link: String, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) -> ToxicSpecification {
        let path = Self.path(link) + "/toxics"
        let answer = try await call(.POST, path, body: toxic.json, deadline: deadline)
        return try read(try parse(answer, path), path) { json throws(GoJSON.ParseError) in
            try ToxicSpecification(json)
        }
    }

    /// Takes a toxic off and lets go, in order, what it held.
    public func remove(
        _ toxic: String, from link: String, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) {
        _ = try await call(.DELETE, Self.path(link) + "/toxics/" + Self.escaped(toxic), deadline: deadline)
    }

    /// Takes every toxic off every link and enables every link.
    public func reset(deadline: ContinuousClock.Instant) async throws(ProxyControlError) {
        _ = try await call(.POST, "/reset", deadline: deadline)
    }

    /// Opens a connection through the link's own listening socket and makes one round trip with what stands behind.
    /// A server that does not answer in `timeout` is a result (`answered` false), not an error.
    public func probe(
        _ link: String, as kind: ProbeProtocol, timeout: Duration, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) -> ProbeResult {
        let path = Self.path(link) + "/probe?protocol=\(kind.rawValue)&timeout=\(max(1, timeout.wholeMilliseconds))"
        return try decode(try await call(.GET, path, deadline: deadline), path)
    }

    /// Every link's counters, by name.
    public func counters(deadline: ContinuousClock.Instant) async throws(ProxyControlError) -> [String: LinkCounters] {
        try decode(try await call(.GET, "/counters", deadline: deadline), "/counters")
    }
}
