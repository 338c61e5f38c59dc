/// A way to break something, with its parameters. `Fault.pause`, `.latency(.milliseconds(300))`.
public struct Fault: Sendable, Codable, Equatable, CustomStringConvertible {
    public var kind: FaultKind
    /// Parameters by name, as given with `--set`: `latency=300ms`, `jitter=50ms`.
    public var parameters: [String: String]

    /// Makes a fault; parameters that it does not have are refused when it is injected.
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
    case replayPause = "replay-pause"
    case promote
}

extension Fault {
    public static let pause = Fault(.pause)
    public static let kill = Fault(.kill)
    /// Lets no byte pass a link, and loses none.
    public static let partition = Fault(.partition)

    /// Lets a replica receive and not replay: it answers, and ever older.
    public static let replayPause = Fault(.replayPause)

    /// Ends a group's primary and promotes a replica in its place.
    /// - Parameter outage: how long the group is without a primary before; in whole milliseconds.
    public static func promote(after outage: Duration = .zero) -> Fault {
        Fault(.promote, parameters: ["after": "\(outage.wholeMilliseconds)ms"])
    }

    /// Delays every byte that the link's server sends back; in whole milliseconds.
    public static func latency(_ delay: Duration) -> Fault {
        Fault(.latency, parameters: ["latency": "\(delay.wholeMilliseconds)ms"])
    }
}
