import SystemPackage

/// Where a fleet runs: docker containers or local processes. All of a fleet's nodes are addressed by name; what stands
/// behind a name (a pid, a container id) is the runtime's own.
///
/// Every call that changes something writes the fleet's ``Ledger`` before it acts, so that what a dead controller left
/// behind can be found, healed and removed.
public protocol Runtime: Sendable {
    var kind: RuntimeKind { get }
    /// The faults this runtime can inject; anything else is refused by name.
    var capabilities: Set<FaultKind> { get }

    /// Starts one node and returns when it accepts connections (replicas: when they stream).
    func start(_ node: String) async throws
    /// Stops one node in the orderly way.
    func stop(_ node: String) async throws
    /// Stops every process of the node where it stands, children first listed, so that none goes on working.
    func pause(_ node: String) async throws
    /// Lets a paused node go on, children first.
    func resume(_ node: String) async throws
    /// Ends every process of the node with no chance to tidy up.
    func kill(_ node: String) async throws
    /// What the operating system (or the docker daemon) says of the node now, not what was last asked of it.
    func state(of node: String) async throws -> NodeState

    /// Runs a set-up command as the client `chaos` and returns its standard output; throws with its standard error's
    /// last lines when it exits with another status than 0.
    func run(_ command: Topology.SetupCommand) async throws -> String
    /// The address at which the controller reaches a service's own port, `127.0.0.1:PORT`; nil for data nodes.
    func address(of node: String) async throws -> HostPort?
    /// The directory of this node's logs on this machine.
    func logDirectory(of node: String) -> FilePath
    /// Ends and removes everything of this fleet: nodes, proxy, network, directories. Safe to call twice.
    func tearDown() async throws
}

public enum RuntimeKind: String, Codable, Sendable, CaseIterable {
    case process, docker
}

/// What a node is doing, as observed.
public enum NodeState: String, Codable, Sendable {
    case running, paused, exited, absent
    /// Some of its processes are paused and some run: neither a pause nor its end.
    case partlyPaused
}

public struct HostPort: Hashable, Sendable, Codable, CustomStringConvertible {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    public var description: String { "\(host):\(port)" }
}
