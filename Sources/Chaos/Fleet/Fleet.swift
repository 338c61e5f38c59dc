import Foundation
import Synchronization
import SystemPackage

/// A running fleet: nodes, the links between them, and what is broken at the moment.
///
/// `start` makes one that lives as long as this process (or `stop`), with a guardian that tidies up should the process
/// die; `attach` joins one that `chaos up` left running.
public final class Fleet: Sendable {
    /// What faults and the fleet's verbs act on.
    public let site: FleetSite
    /// How long starting took; zero when attached.
    public let startDuration: Duration
    let lease: GuardianLease
    private let active = Mutex<[String: ActiveFault]>([:])

    /// Fleet names are part of socket paths.
    static let nameLimit = 20

    /// Name, directory, topology and ledger of the fleet.
    public var context: FleetContext { site.context }
    /// What its nodes run on.
    public var runtime: any Runtime { site.runtime }
    public var name: String { context.name }
    public var topology: Topology { context.topology }
    /// The fleet's directory; it is gone when the fleet is.
    public var directory: FilePath { context.directory }

    init(site: FleetSite, lease: GuardianLease, startDuration: Duration = .zero) {
        self.site = site
        self.lease = lease
        self.startDuration = startDuration
    }

    @TaskLocal static var scoped: Fleet?

    /// The fleet of the surrounding ``withCurrent(_:_:)``.
    public static var current: Fleet {
        // Without a fleet nothing of the scenario could run, and only its author can mend that.
        guard let scoped else { preconditionFailure("no fleet here: call it within Fleet.withCurrent") }
        return scoped
    }

    /// Makes `fleet` the ``current`` one while `body` runs.
    public static func withCurrent<T>(
        _ fleet: Fleet, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T
    ) async rethrows -> T {
        try await $scoped.withValue(fleet, operation: body)
    }

    /// Starts a fleet and returns when every node is ready. When anything fails nothing is left running.
    /// - Throws: ``FleetError`` with what failed, the last lines of its log, and what to do.
    public static func start(_ topology: Topology, options: FleetOptions = FleetOptions()) async throws -> Fleet {
        try await FleetStart(topology: topology, options: options).run()
    }

    /// Joins a running fleet; without a name the only one there is. What it then injects is healed when this process
    /// ends, and the fleet stays.
    public static func attach(_ name: String? = nil, options: FleetOptions = FleetOptions()) async throws -> Fleet {
        let root = try FleetDirectory.prepared(options.root)
        let chosen = try FleetDirectory.choose(name, root: root)
        let site = try FleetSite(name: chosen, root: root, environment: options.environment)
        let lease = GuardianLease(context: site.context)
        try await lease.open()
        return Fleet(site: site, lease: lease)
    }

    /// The control client of the fleet's proxy: counters, and what no fault does.
    public func proxy() throws -> ProxyControl { try site.proxy() }

    /// The services' addresses as the load reaches them, by node name.
    public func serviceAddresses() throws -> [String: HostPort] {
        let nodes = try context.ledger.state().nodes
        let services = topology.nodes.filter { $0.kind == .service }.map(\.name)
        return nodes.filter { services.contains($0.key) }.compactMapValues(\.address)
    }

    /// The directory of this node's logs; it is gone when the fleet is.
    public func logDirectory(of node: String) -> FilePath { runtime.logDirectory(of: node) }

    /// Ends the fleet and removes everything of it. Safe to call twice.
    public func stop() async throws {
        for fault in active.withLock({ Array($0.values) }) { fault.letGo() }
        let handles = (try? context.ledger.state().nodes.values.map(\.handle)) ?? []
        try? await lease.end()
        let result: Result<Void, any Error>
        do {
            try await FleetRemoval(name: name, root: context.root, environment: context.environment).remove()
            result = .success(())
        } catch { result = .failure(error) }
        await lease.close()
        // Children of ours that the guardian ended are collected, or they would stay in the process table.
        for case .process(let identity) in handles { ProcessTable.collect(identity.pid) }
        try result.get()
    }

    /// Heals what this process injected and leaves the fleet to its guardian, if it is a kept one.
    public func detach() async throws {
        for fault in active.withLock({ Array($0.values) }) { try await heal(fault.id) }
        await lease.close()
    }

    func note(_ fault: ActiveFault) { active.withLock { $0[fault.id] = fault } }

    func forget(_ id: String) -> ActiveFault? { active.withLock { $0.removeValue(forKey: id) } }
}
