import Foundation

/// One line of a fleet's ledger.
public enum LedgerEntry: Codable, Sendable, Equatable {
    /// The first line.
    case fleet(LedgerHeader)
    /// About to start this node (`proxy` and `guardian` are nodes here).
    case starting(node: String)
    case started(node: String, as: StartedNode)
    /// Everything is up. A kept fleet is kept only from here on.
    case ready
    /// About to inject.
    case injecting(FaultRecord)
    /// Its effect has been seen.
    case injected(fault: String)
    case healed(fault: String)
    case tearingDown
}

/// What has to be known of a fleet to end it, or to go on with it, in another process.
public struct LedgerHeader: Codable, Sendable, Equatable {
    public var name: String
    /// What the fleet's nodes run on.
    public var runtime: RuntimeKind
    public var topology: Topology
    /// Variables that were passed on to the services.
    public var passedVariables: [String: String]
    /// Whether it stays when its controller ends.
    public var isKept: Bool
    /// Who starts it.
    public var controller: ProcessIdentity
}

/// A fault as the ledger holds it: enough to heal it when its controller is gone.
public struct FaultRecord: Codable, Sendable, Equatable {
    public var id: String
    /// What is to be injected.
    public var fault: Fault
    /// Into what.
    public var target: FaultTarget
    /// When it was asked for.
    public var since: Date
    /// When the guardian heals it whoever is alive; nil: with its controller, or by `chaos heal`.
    public var until: Date?
    /// The controller that holds it; nil: nobody does, `until` or `chaos heal` ends it.
    public var controller: ProcessIdentity?
}
