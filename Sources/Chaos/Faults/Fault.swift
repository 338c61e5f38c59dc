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
}

extension Fault {
    public static let pause = Fault(.pause)
    public static let kill = Fault(.kill)
    /// Lets no byte pass a link, and loses none.
    public static let partition = Fault(.partition)

    /// Delays every byte that the link's server sends back; in whole milliseconds.
    public static func latency(_ delay: Duration) -> Fault {
        Fault(.latency, parameters: ["latency": "\(delay.wholeMilliseconds)ms"])
    }
}
