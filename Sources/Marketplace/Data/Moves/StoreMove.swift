/// A store on its way from one shard to another, as the journal in `central` has it.
public struct StoreMove: Sendable, Hashable {
    /// What was done last; whoever takes a move up again goes on behind it.
    public enum Step: String, Sendable, CaseIterable {
        case planned, tracked, prepared, copied, verified, moved, published, done, aborting, aborted
    }

    /// The journal's number.
    public let id: Int64
    /// What moves.
    public let store: StoreID
    /// The names of the shards.
    public let source: String
    /// Where it goes.
    public let target: String
    /// What was done last.
    public let step: Step
    /// Grows whenever somebody takes the move up; whoever had it before is refused.
    public let epoch: Int32
}

/// Why a move does not go on; nothing is lost by any of them.
public enum StoreMoveError: Error, Sendable, CustomStringConvertible {
    case noCentral
    case unknownShard(String, known: [String])
    case noSuchStore(StoreID, shard: String)
    case alreadyThere(StoreID, shard: String)
    /// The store is on its way somewhere else.
    case otherMove(StoreMove)
    case noMove(StoreID)
    /// It was cut over already.
    case tooLateToAbort(StoreMove)
    /// Somebody else has taken it up.
    case replaced(StoreMove)
    /// The tables of the shards differ, or one of them cannot be moved.
    case schemas(String)
    /// The copy differs from the source.
    case mismatch(table: String, source: String, target: String)
    /// The store changes faster than it can be copied.
    case notCaughtUp(StoreID, pending: Int)
    /// Writers never let the mover in, or the cut-over took too long, this many times.
    case notCutOver(StoreID, attempts: Int)

    public var description: String {
        switch self {
        case .noCentral: "Moving stores takes a central: set MARKETPLACE_CENTRAL to name@host:port,… and migrate it."
        case .unknownShard(let name, let known):
            "'\(name.prefix(80))' is no shard of the map: use one of \(known.joined(separator: ", "))."
        case .noSuchStore(let store, let shard): "\(shard) has no store \(store)."
        case .alreadyThere(let store, let shard): "\(store) lives on \(shard) already."
        case .otherMove(let move):
            "\(move.store) is on its way from \(move.source) to \(move.target): finish that move, or --abort it."
        case .noMove(let store): "\(store) is on no way: there is nothing to abort."
        case .tooLateToAbort(let move):
            "\(move.store) was cut over to \(move.target) already: run the same move to its end, then move it back."
        case .replaced(let move):
            "Move \(move.id) of \(move.store) was taken up by somebody else: leave it to them, or start it again."
        case .schemas(let what): "\(what) Run `marketplace migrate` on every shard."
        case .mismatch(let table, let source, let target):
            "The copy of \(table) differs: \(source) at the source, \(target) at the target. The store stays where it "
                + "is; start the move again, or --abort it."
        case .notCaughtUp(let store, let pending):
            "\(store) changes faster than it is copied: \(pending) rows are behind. Try when it is calmer."
        case .notCutOver(let store, let attempts):
            "\(store) was not cut over in \(attempts) attempts of a bounded pause. It stays where it is; try again."
        }
    }
}

/// What a mover says while it works. It goes on when the listener returns; a listener that throws stops it there, as
/// though it had died.
public enum StoreMoveEvent: Sendable, Hashable {
    case step(StoreMove.Step)
    /// Rows of a table were copied.
    case page(table: String, rows: Int)
    case frozen
    case opened
    /// Writes of the store waited this long.
    case cutOver(pause: Duration)
    /// Rows of a table that were left behind were removed.
    case cleaned(table: String)

    /// The name by which a rehearsal stops there.
    public var name: String {
        switch self {
        case .step(let step): step.rawValue
        case .page: "page"
        case .frozen: "frozen"
        case .opened: "opened"
        case .cutOver: "cut-over"
        case .cleaned: "cleaned"
        }
    }

    /// The names of all of them, in the order in which they are met.
    public static let names = [
        "planned", "tracked", "prepared", "page", "copied", "verified", "frozen", "opened", "cut-over", "moved",
        "published", "cleaned", "done",
    ]
}
