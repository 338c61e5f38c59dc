/// A way to break something, with its parameters. `Fault.pause`, `.latency(.milliseconds(300))`.
public struct Fault: Sendable, Codable, Equatable, CustomStringConvertible {
    public var kind: FaultKind
    /// Parameters by name, as given with `--set`: `latency=300ms`, `jitter=50ms`.
    public var parameters: [String: String]

    public init(_ kind: FaultKind, parameters: [String: String] = [:]) {
        self.kind = kind
        self.parameters = parameters
    }

    public var description: String {
        let list = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return ([kind.rawValue] + list).joined(separator: " ")
    }
}

/// The names of `chaos faults`.
public enum FaultKind: String, Codable, Sendable, CaseIterable {
    case pause, kill, latency, partition
}

extension Fault {
    public static let pause = Fault(.pause)
    public static let kill = Fault(.kill)
    public static let partition = Fault(.partition)

    /// Delays every byte that the link's server sends back.
    public static func latency(_ delay: Duration) -> Fault {
        Fault(
            .latency,
            parameters: [
                "latency": "\(delay.components.seconds * 1000 + delay.components.attoseconds / 1_000_000_000_000_000)ms"
            ])
    }
}

/// What a fault acts on: a node (`cache`), one link (`server-0:cache`), or every link to a node (`*:cache`).
public enum FaultTarget: Sendable, Hashable, Codable, CustomStringConvertible {
    case node(String)
    case link(Link)
    case linksTo(String)

    public var description: String {
        switch self {
        case .node(let name): name
        case .link(let link): link.description
        case .linksTo(let name): "*:\(name)"
        }
    }
}

/// One observation of whether a fault is in force.
public struct FaultObservation: Sendable, Codable, Equatable {
    /// Nanoseconds since the run began, monotonic.
    public var time: Int64
    public var inForce: Bool
    /// What was seen: pids and their states, a round trip's time, an answer that came or did not.
    public var evidence: String

    public init(time: Int64, inForce: Bool, evidence: String) {
        self.time = time
        self.inForce = inForce
        self.evidence = evidence
    }
}
