import AsyncHTTPClient

/// The Swift client of a proxy's control API. Every call has a deadline; a call that ended in `unreachable` or
/// `deadlineExceeded` may or may not have been carried out.
public struct ProxyControl: Sendable {
    /// Where the control API listens.
    public let address: HostPort
    let client: HTTPClient
    let now: @Sendable () -> ContinuousClock.Instant

    public init(
        _ address: HostPort, client: HTTPClient = .shared,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.address = address
        self.client = client
        self.now = now
    }

    /// The version text; the cheapest way to see that the proxy answers.
    public func version(deadline: ContinuousClock.Instant) async throws(ProxyControlError) -> String {
        fatalError("not yet")
    }

    /// Every link with its toxics, by name.
    public func links(deadline: ContinuousClock.Instant) async throws(ProxyControlError) -> [String: LinkStatus] {
        fatalError("not yet")
    }

    /// One link with its toxics.
    public func link(_ name: String, deadline: ContinuousClock.Instant) async throws(ProxyControlError) -> LinkStatus {
        fatalError("not yet")
    }

    /// Adds a link and starts it.
    @discardableResult
    public func create(
        _ link: LinkConfiguration, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) -> LinkStatus {
        fatalError("not yet")
    }

    /// Closes a link's connections and forgets it.
    public func delete(_ link: String, deadline: ContinuousClock.Instant) async throws(ProxyControlError) {
        fatalError("not yet")
    }

    /// Lets a link listen, or closes it and its connections.
    @discardableResult
    public func setEnabled(
        _ enabled: Bool, link: String, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) -> LinkStatus {
        fatalError("not yet")
    }

    /// Puts a toxic in force on live and new connections; it is in force when this returns.
    @discardableResult
    public func add(
        _ toxic: ToxicSpecification, to link: String, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) -> ToxicSpecification {
        fatalError("not yet")
    }

    /// Takes a toxic off and lets go, in order, what it held.
    public func remove(
        _ toxic: String, from link: String, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) {
        fatalError("not yet")
    }

    /// Takes every toxic off every link and enables every link.
    public func reset(deadline: ContinuousClock.Instant) async throws(ProxyControlError) {
        fatalError("not yet")
    }

    /// Opens a connection through the link's own listening socket and makes one round trip with what stands behind.
    /// A server that does not answer in `timeout` is a result (`answered` false), not an error.
    public func probe(
        _ link: String, as kind: ProbeProtocol, timeout: Duration, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) -> ProbeResult {
        fatalError("not yet")
    }

    /// Every link's counters, by name.
    public func counters(deadline: ContinuousClock.Instant) async throws(ProxyControlError) -> [String: LinkCounters] {
        fatalError("not yet")
    }
}
