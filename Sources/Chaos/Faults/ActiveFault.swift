import Synchronization

/// A fault in force, looked at once a second until it is healed.
public final class ActiveFault: Sendable {
    public let id: String
    public let fault: Fault
    public let target: FaultTarget

    /// All looks so far: at the start, every second, before the heal.
    public var observations: [FaultObservation] { fatalError("not yet") }
    /// Whether every look so far saw it in force. False is not a pass: the run is unknown.
    public var isVerified: Bool { observations.allSatisfy(\.inForce) && !observations.isEmpty }
    /// The look after the heal; `inForce` false and `evidence` says how the node or link answers again. Nil before.
    public var afterHeal: FaultObservation? { fatalError("not yet") }

    init(id: String, fault: Fault, target: FaultTarget) {
        self.id = id
        self.fault = fault
        self.target = target
    }

    /// Looks once more, heals, and waits until the effect is gone. Safe to call twice.
    public func heal() async throws {
        fatalError("not yet")
    }
}
