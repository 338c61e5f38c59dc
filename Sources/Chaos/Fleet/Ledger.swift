import Foundation
import SystemPackage

/// One line of a fleet's ledger.
public enum LedgerEntry: Codable, Sendable, Equatable {
    /// The first line.
    case fleet(name: String, runtime: RuntimeKind, topology: Topology, passedVariables: [String: String], isKept: Bool)
    /// About to start this node (`proxy` and `guardian` are nodes here).
    case starting(node: String)
    case started(node: String, StartedNode)
    /// Everything is up. A kept fleet is kept only from here on.
    case ready
    /// About to inject.
    case injecting(FaultRecord)
    case injected(id: String)
    case healed(id: String)
    case tearingDown
}

/// A fault as the ledger holds it: enough to heal it when its controller is gone.
public struct FaultRecord: Codable, Sendable, Equatable {
    public var id: String
    public var fault: Fault
    public var target: FaultTarget
    public var since: Date
    /// When the guardian heals it whoever is alive; nil: with its controller, or by `chaos heal`.
    public var until: Date?
    /// The controller that holds it; nil: nobody does, `until` or `chaos heal` ends it.
    public var controller: ProcessIdentity?
}

/// A fleet's append-only record, one JSON object a line, synchronised to disk before each action it announces, so that
/// what a dead controller left behind can be found, healed and removed.
public final class Ledger: Sendable {
    public let path: FilePath

    public init(path: FilePath) {
        self.path = path
    }

    /// Appends one line and returns when it is on disk. Safe from several processes at once.
    public func append(_ entry: LedgerEntry) throws(FleetError) {
        fatalError("not yet")
    }

    /// What the lines so far add up to.
    public func state() throws(FleetError) -> LedgerState {
        fatalError("not yet")
    }
}

/// What a ledger's lines add up to.
public struct LedgerState: Sendable, Equatable {
    public var name = ""
    public var runtime = RuntimeKind.process
    public var topology: Topology?
    public var passedVariables: [String: String] = [:]
    public var isKept = false
    public var isReady = false
    public var isTearingDown = false
    /// Nodes about to be started whose handle is not known yet.
    public var starting: Set<String> = []
    public var nodes: [String: StartedNode] = [:]
    /// Faults announced and not healed.
    public var faults: [FaultRecord] = []
}
