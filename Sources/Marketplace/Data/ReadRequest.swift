import Postgres

/// One read as it is sent to a node, in a transaction that cannot write, whichever node that is: a write that was
/// declared a read is refused by the primary as well as by a replica.
struct ReadRequest: Sendable {
    let kind: RoutedDatabase.ReadKind
    let query: Query
    /// What the answer must at least have seen.
    let requirement: ShardPosition?
    /// Whether the answer has to say how far the node's data went.
    let tellsPositions: Bool

    /// What a node answered.
    struct Reply: Sendable {
        let rows: Rows
        /// Nil when it was not asked to tell.
        let before, after: NodePositions?
    }

    /// The kind of time that it takes.
    var pace: HedgeState.Kind {
        if case .point = kind, !tellsPositions { .point } else { .list }
    }

    /// Sends it. Pipelined connections only read, by their own default; every other read is a unit that says so first.
    func run(on node: PostgresNode, deadline: ContinuousClock.Instant) async throws -> Reply {
        if case .point = kind, !tellsPositions {
            return Reply(rows: try await node.read(query, deadline: deadline), before: nil, after: nil)
        }
        guard tellsPositions else {
            let results = try await node.unit([beginning, query], deadline: deadline)
            return Reply(rows: results[1], before: nil, after: nil)
        }
        let statements = [NodePositions.query, beginning, query, NodePositions.query]
        let results = try await node.unit(statements, deadline: deadline)
        return Reply(rows: results[2], before: try NodePositions(results[0]), after: try NodePositions(results[3]))
    }

    private var beginning: Query {
        let readOnly: Query = "set_config('transaction_read_only', 'on', true)"
        return switch kind {
        case .point, .list: "SELECT \(readOnly)"
        case .tenant(let store): "\(StoreWriter.entering(store, writes: false)), \(readOnly)"
        }
    }
}

/// What one node gave a read.
struct NodeAnswer: Sendable {
    let node: Int
    let rows: Rows
    let duration: Duration
    /// What it surely has; nil when that is not known.
    let lower: ShardPosition?
    /// What it lies within; nil when it was not asked for.
    let upper: ShardPosition?
}

/// The node has not come as far as the session has.
struct BehindError: Error {
    /// Whether waiting can help: it has received what it has not yet replayed.
    let mayCatchUp: Bool
}
