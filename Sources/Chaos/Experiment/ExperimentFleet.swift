/// What an experiment needs of a fleet. ``Fleet`` is one; tests bring one of their own.
public protocol ExperimentFleet: Sendable {
    var topology: Topology { get }
    /// The services' addresses as the load reaches them, by node name.
    func serviceAddresses() throws -> [String: HostPort]
    /// Asks whether the fleet's own machinery still answers.
    /// - Throws: ``FleetError`` that says what is gone and what to do.
    func checkRuntime() async throws
    /// Injects a fault and returns once its effect has been seen or has failed to show.
    /// - Parameter origin: the instant that the observations' times count from.
    func breakTarget(
        _ fault: Fault, _ target: String, for duration: Duration, origin: ContinuousClock.Instant
    ) async throws -> any FaultInForce
}

/// A fault that an experiment holds.
public protocol FaultInForce: Sendable {
    var observations: [FaultObservation] { get }
    /// When it took effect, in the nanoseconds of its observations; nil when it was not seen in force.
    var applied: Int64? { get }
    /// The look after the heal; nil before.
    var afterHeal: FaultObservation? { get }
    func heal() async throws
}

extension ActiveFault: FaultInForce {}

extension Fleet: ExperimentFleet {
    public func checkRuntime() async throws { try await runtime.check() }

    public func breakTarget(
        _ fault: Fault, _ target: String, for duration: Duration, origin: ContinuousClock.Instant
    ) async throws -> any FaultInForce {
        try await inject(fault, on: self.target(target), for: duration, origin: origin)
    }
}
