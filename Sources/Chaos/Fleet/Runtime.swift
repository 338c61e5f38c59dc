import SystemPackage

/// Where a fleet runs: docker containers or local processes. All of a fleet's nodes are addressed by name; what stands
/// behind a name (a pid, a container id) is the runtime's own, seen outside only as a ``NodeHandle``.
///
/// A runtime acts and observes. What is the same on every runtime stands in ``Fleet``: the ``Ledger`` is written there
/// before each call that changes something, and readiness is awaited there through ``endpoint(of:)``. A runtime is
/// made from a ``FleetContext`` alone, at a fleet's start as well as by a guardian or a later `chaos heal`, and finds
/// the handles of what already runs in the context's ledger.
public protocol Runtime: Sendable {
    var kind: RuntimeKind { get }
    /// The faults this runtime can inject; anything else is refused by name.
    var capabilities: Set<FaultKind> { get }

    /// Finds programs or images and makes what comes before the first node: directories, templates, the network.
    func prepare() async throws
    /// Starts the fleet's proxy with every link of the topology and returns its handle and where its control API
    /// answers, once it does.
    func startProxy() async throws -> (handle: NodeHandle, control: HostPort)
    /// Starts one node, also one that was killed or stopped, and returns once its processes exist.
    func start(_ node: String) async throws -> StartedNode
    /// Stops one node in the orderly way.
    func stop(_ node: String) async throws
    /// Stops every process of the node where it stands, so that none goes on working; returns when all stand.
    func pause(_ node: String) async throws
    /// Lets a paused node go on.
    func resume(_ node: String) async throws
    /// Ends every process of the node with no chance to tidy up; returns when none is left.
    func kill(_ node: String) async throws
    /// What the operating system (or the docker daemon) says of the node now, not what was last asked of it.
    func state(of node: String) async throws -> NodeState
    /// A text that changes whenever the node's processes have run; nil where the runtime cannot tell. By it the
    /// verification of a pause notices a node that was resumed and paused again between two looks.
    func activityMark(of node: String) async throws -> String?

    /// The state in the system's own words, pids for example, as evidence of a fault.
    func evidence(of node: String) async throws -> String

    /// Where the controller reaches a node past all faults: readiness and health are asked here.
    func endpoint(of node: String) async throws -> NodeEndpoint
    /// Where a link listens, as its client reaches it.
    func linkAddress(_ link: Link) throws -> HostPort
    /// Writes a Postgres node's files as a primary's, or as those of a replica of `upstream`. They count from its next
    /// start; the upstream of a running replica from its next reload.
    func configure(_ node: String, following upstream: String?) throws
    /// The directory of a Postgres node's data, on this machine.
    func dataDirectory(_ node: String) -> FilePath
    /// Runs one of Postgres' own programs as a node would, with its user and its way to the links, but apart from its
    /// processes.
    func runPostgresProgram(_ words: [String], as node: String) async throws -> ProgramOutput
    /// Runs a set-up command as the client `chaos` and returns its standard output; throws with its standard error's
    /// last lines when it exits with another status than 0.
    func run(_ command: Topology.SetupCommand) async throws -> String
    /// The directory of this node's logs on this machine.
    func logDirectory(of node: String) -> FilePath
    /// Asks whether what the runtime itself needs still answers: a fleet whose docker daemon has died proves nothing.
    /// - Throws: ``FleetError`` that says what is gone and what to do.
    func check() async throws
    /// Ends and removes everything of this fleet but its directory: nodes, proxy, network. Safe to call twice, and
    /// from another process than the one that started the fleet.
    func tearDown() async throws
}

extension Runtime {
    public func activityMark(of node: String) async throws -> String? { nil }
    public func check() async throws {}
}

/// What a fleet's nodes run on.
public enum RuntimeKind: String, Codable, Sendable, CaseIterable {
    case process, docker
}

/// What a node is doing, as observed.
public enum NodeState: String, Codable, Sendable {
    case running, paused, exited, absent
    /// Some of its processes are paused and some run: neither a pause nor its end.
    case partlyPaused
}

/// What a runtime knows a started node by. Written to the ledger; it stays true when the controller is gone.
public enum NodeHandle: Codable, Sendable, Hashable {
    case process(ProcessIdentity)
    /// A container's full id.
    case container(String)
}

/// What ``Runtime/start(_:)`` gives back.
public struct StartedNode: Sendable, Codable, Equatable {
    /// How the runtime knows it.
    public var handle: NodeHandle
    /// A service's own port as the controller reaches it; nil for data nodes.
    public var address: HostPort?

    /// Makes a running node.
    public init(handle: NodeHandle, address: HostPort? = nil) {
        self.handle = handle
        self.address = address
    }
}

/// What a program printed to its standard output, and its exit status.
public struct ProgramOutput: Sendable, Equatable {
    /// Zero when all went well.
    public var status: Int32
    /// Of its standard output.
    public var text: String

    /// Makes what a runtime returns.
    public init(status: Int32, text: String) {
        self.status = status
        self.text = text
    }
}

/// Where a server listens.
public enum NodeEndpoint: Codable, Sendable, Hashable, CustomStringConvertible {
    /// The path of a Unix socket, shorter than 108 bytes.
    case unix(String)
    case tcp(HostPort)

    public var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let address): address.description
        }
    }
}

/// Where something listens.
public struct HostPort: Hashable, Sendable, Codable, CustomStringConvertible {
    /// An IP address or a name.
    public var host: String
    /// 1 to 65535.
    public var port: Int

    /// Makes an address.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:5432`; nil if that is not what it is.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
            let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
        else { return nil }
        self.init(host: String(text[..<colon]), port: port)
    }

    public var description: String { "\(host):\(port)" }
}

/// One process, beyond doubt: a pid alone may be another's by now.
public struct ProcessIdentity: Codable, Sendable, Hashable {
    /// Meaningful only together with start time and boot.
    public var pid: Int32
    /// When it started, in the operating system's own ticks since boot.
    public var startTime: UInt64
    /// The boot it belongs to.
    public var bootID: String

    /// Makes an identity that a reused process number cannot take over.
    public init(pid: Int32, startTime: UInt64, bootID: String) {
        self.pid = pid
        self.startTime = startTime
        self.bootID = bootID
    }
}
