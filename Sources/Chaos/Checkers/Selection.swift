/// Which operations a check looks at: what kind, of which stores, in which stretch of the run.
public struct Selection: Sendable, Equatable {
    /// Which kind of operations.
    public var traffic: Traffic
    /// Which part of the data they touch.
    public var area: Area

    /// Makes a selection; everything unless narrowed.
    public init(_ traffic: Traffic = .all, _ area: Area = .all) {
        self.traffic = traffic
        self.area = area
    }

    /// What kind of operation; written `class:` in experiment files.
    public enum Traffic: String, Sendable, CaseIterable {
        case all, reads, orders
        /// What clients with a consistency token do.
        case sessions
        /// Lists and searches over all shards.
        case lists
    }

    /// Which stores' operations.
    public enum Area: Sendable, Equatable {
        case all
        /// Those whose stores live on this Postgres group: `group:shard-0`.
        case group(String)
        /// Those whose stores live on any other: `other-than:shard-0`.
        case otherThan(String)
    }

    /// Whether an operation is one of the selected.
    public func contains(_ operation: Operation) -> Bool {
        let isWanted =
            switch traffic {
            case .all: operation.isRead || operation.isOrder || operation.isOfSession || operation.isList
            case .reads: operation.isRead
            case .orders: operation.isOrder
            case .sessions: operation.isOfSession
            case .lists: operation.isList
            }
        guard isWanted else { return false }
        switch area {
        case .all: return true
        case .group(let name): return operation.group == name
        case .otherThan(let name): return operation.group != nil && operation.group != name
        }
    }

    /// In the words of a finding: `reads of shard-0`.
    public var words: String {
        let what =
            switch traffic {
            case .all: "operations"
            case .sessions: "operations of sessions"
            default: traffic.rawValue
            }
        switch area {
        case .all: return what
        case .group(let name): return "\(what) of \(name)"
        case .otherThan(let name): return "\(what) of groups other than \(name)"
        }
    }
}

extension RecordedRun {
    /// The selected operations that were due in this stretch.
    public func operations(_ selection: Selection, startedIn range: Range<Int64>) -> [Operation] {
        operations.filter { range.contains($0.start) && selection.contains($0) }
    }

    /// The selected operations any part of which fell into this stretch: also those that were under way at its start.
    public func operations(_ selection: Selection, overlapping range: Range<Int64>) -> [Operation] {
        operations.filter {
            $0.start < range.upperBound && ($0.end ?? .max) >= range.lowerBound && selection.contains($0)
        }
    }

    /// When the first fault was surely in force.
    public var applied: Int64? { facts.injections.first?.applied }

    /// When a replica was promoted, whatever else was broken before; where nothing was, when the first fault was in
    /// force.
    public var promoted: Int64? {
        facts.injections.last { $0.fault.hasPrefix(FaultKind.promote.rawValue) }?.applied ?? applied
    }

    /// The part of the fault phase by which the fault has to have been detected. Where one fault was injected while
    /// another was in force, the part in which all of them were.
    /// - Parameter detect: what the contract grants, from the moment the last of them was in force.
    public func faultPhase(after detect: Duration) -> Range<Int64>? {
        guard let fault = facts.fault, let first = facts.injections.first else { return nil }
        let together = facts.injections.filter { $0.began < first.healing ?? .max }
        guard let applied = together.map(\.applied).max() else { return nil }
        let start = applied + detect.nanoseconds
        let end = min(fault.upperBound, together.compactMap(\.healing).min() ?? .max)
        return start < end ? start..<end : nil
    }
}
