/// One way to break something: the shape of every fault. To add one, copy the smallest (``KillFault``), name it in
/// ``FaultKind`` and in ``FaultCatalog``.
///
/// A mechanism holds nothing but what it was asked for, so that a guardian can make the same one from the ledger and
/// heal what another process injected.
protocol FaultMechanism: Sendable {
    static var summary: FaultSummary { get }

    /// - Throws: ``FleetError/usage(_:)`` when target or parameters do not fit, with what would.
    init(_ fault: Fault, on target: FaultTarget, in topology: Topology) throws(FleetError)

    func inject(_ id: String, at site: FleetSite) async throws
    /// When it took effect, where the injection knows better than the first look; nil elsewhere.
    var tookEffect: ContinuousClock.Instant? { get }
    /// Whether it is in force now, and what was seen. Not being able to tell counts as not in force.
    func look(_ id: String, at site: FleetSite) async -> FaultLook
    /// Undoes it; does nothing when there is nothing to undo.
    func heal(_ id: String, at site: FleetSite) async throws
    /// Whether node or link work again.
    func lookHealed(_ id: String, at site: FleetSite) async -> FaultLook
}

extension FaultMechanism {
    var tookEffect: ContinuousClock.Instant? { nil }
}

/// What one look saw.
struct FaultLook: Sendable, Equatable {
    /// In force; in a look after the heal: healed.
    var isSo: Bool
    var evidence: String
}

/// What `chaos faults` prints.
public struct FaultSummary: Sendable, Codable, Equatable {
    public var name: FaultKind
    public var effect: String
    /// What it can be injected into.
    public var targets: String
    /// In the order in which they are listed.
    public var parameters: [Parameter]

    /// Something that `--set` takes.
    public struct Parameter: Sendable, Codable, Equatable {
        public var name: String
        /// Nil: it must be given.
        public var standard: String?
        /// What it does, with its unit.
        public var meaning: String
    }
}
