import SystemPackage

/// A running fleet: nodes, the links between them, and what is broken at the moment.
///
/// `start` makes one that lives as long as this process (or `stop`), with a guardian that tidies up should the process
/// die; `attach` joins one that `chaos up` left running.
public final class Fleet: Sendable {
    public let context: FleetContext
    public let runtime: any Runtime

    public var name: String { context.name }
    public var topology: Topology { context.topology }

    init(context: FleetContext, runtime: any Runtime) {
        self.context = context
        self.runtime = runtime
    }

    @TaskLocal static var scoped: Fleet?

    /// The fleet of the surrounding ``withCurrent(_:_:)`` (in tests: of the suite's `.fleet` trait).
    public static var current: Fleet {
        guard let scoped else { preconditionFailure("no fleet here: add .fleet(…) to the suite or test") }
        return scoped
    }

    /// Makes `fleet` the ``current`` one while `body` runs.
    public static func withCurrent<T>(_ fleet: Fleet, _ body: () async throws -> T) async rethrows -> T {
        try await $scoped.withValue(fleet) { try await body() }
    }

    /// Starts a fleet and returns when every node is ready. When anything fails nothing is left running.
    /// - Throws: ``FleetError`` with what failed, the last lines of its log, and what to do.
    public static func start(_ topology: Topology, options: FleetOptions = FleetOptions()) async throws -> Fleet {
        fatalError("not yet")
    }

    /// Joins a running fleet; without a name the only one there is.
    public static func attach(_ name: String? = nil, options: FleetOptions = FleetOptions()) async throws -> Fleet {
        fatalError("not yet")
    }

    /// Injects a fault and returns once its effect has been seen (`verified`) or has failed to show.
    /// - Parameters:
    ///   - duration: healed then even if this process is gone; nil: until healed or this process ends.
    ///   - origin: the instant that observations' times count from; nil: now.
    /// - Throws: ``FleetError`` when fault and target do not fit, or the injection failed (then it is undone).
    public func inject(
        _ fault: Fault, on target: FaultTarget, for duration: Duration? = nil, isDetached: Bool = false,
        origin: ContinuousClock.Instant? = nil
    ) async throws -> ActiveFault {
        fatalError("not yet")
    }

    /// Checks fault and target as ``inject(_:on:for:isDetached:origin:)`` does, and changes nothing.
    public func validate(_ fault: Fault, on target: FaultTarget) throws(FleetError) {
        fatalError("not yet")
    }

    /// Reads `cache`, `server-0:cache` or `*:cache`; checks that node or link exist.
    public func target(_ text: String) throws(FleetError) -> FaultTarget {
        fatalError("not yet")
    }

    /// Breaks `target` while `body` runs, and heals it whatever happens.
    public func with<T>(_ fault: Fault, on target: String, _ body: () async throws -> T) async throws -> T {
        let active = try await inject(fault, on: self.target(target))
        do {
            let value = try await body()
            try await active.heal()
            return value
        } catch {
            try? await active.heal()
            throw error
        }
    }

    /// Heals one fault by id, whoever injected it.
    public func heal(_ id: String) async throws {
        fatalError("not yet")
    }

    /// Heals every fault of the fleet.
    public func healAll() async throws {
        fatalError("not yet")
    }

    public func status() async throws -> FleetStatus {
        fatalError("not yet")
    }

    /// The services' addresses as the load reaches them, by node name.
    public func serviceAddresses() throws -> [String: HostPort] {
        fatalError("not yet")
    }

    /// The directory of this node's logs; it is gone when the fleet is.
    public func logDirectory(of node: String) -> FilePath { runtime.logDirectory(of: node) }

    /// Ends the fleet and removes everything of it. Safe to call twice.
    public func stop() async throws {
        fatalError("not yet")
    }

    /// Leaves a kept fleet to its guardian.
    public func detach() async throws {
        fatalError("not yet")
    }
}
