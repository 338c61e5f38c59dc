/// One observation of whether a fault is in force.
public struct FaultObservation: Sendable, Codable, Equatable {
    /// Nanoseconds since the run began, monotonic.
    public var time: Int64
    /// Whether the fault was seen to be in force.
    public var inForce: Bool
    /// What was seen: pids and their states, a round trip's time, an answer that came or did not.
    public var evidence: String

    /// Makes an observation of one look.
    public init(time: Int64, inForce: Bool, evidence: String) {
        self.time = time
        self.inForce = inForce
        self.evidence = evidence
    }
}
