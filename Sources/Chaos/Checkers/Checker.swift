/// Decides from a recorded run whether one promise held. One checker a file, all of this shape; `NoDoubleOrder` is the
/// smallest to copy.
///
/// A checker is a pure function: the same history and facts give the same finding, also years later from the bundle.
public protocol Checker: Sendable {
    /// As written in experiment files: `no-double-order`.
    static var name: String { get }
    /// The promise in words, with its numbers, for the report.
    var promise: String { get }
    /// Whether the promise is about the time of a fault; false for invariants, which hold always.
    var dependsOnFault: Bool { get }
    /// Whether it judges every operation by itself, so that some can be left out; false where one tells what another
    /// should have seen.
    var judgesOperationsSingly: Bool { get }
    /// Reads the check's members from an experiment file.
    /// - Throws: what is wrong with which member.
    init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure)
    func check(_ run: RecordedRun) -> Finding
}

extension Checker {
    public var dependsOnFault: Bool { true }
    public var judgesOperationsSingly: Bool { false }
}

/// What a checker found.
public struct Finding: Sendable, Equatable {
    /// Whether the promise held.
    public var verdict: Verdict
    /// One sentence with the figures: what was seen, against what was promised.
    public var summary: String
    /// The operations that prove a breach, worst first, at most ``maximumProofs``.
    public var proofs: [Operation]
    /// How many operations prove it in all.
    public var proofCount: Int
    /// Whether it rests on measured time alone. Such a breach proves nothing where the machine was held up.
    public var restsOnTime: Bool
    /// By how much the worst operation is over the limit, where a single one breaks the promise: no hold-up that is
    /// shorter explains it. Nil where it takes several, as for a quantile.
    public var excess: Duration?
    /// What proves it that is not an operation: a breaker's missing opening, a SKU whose stock does not add up.
    public var notes: [String]

    /// More operations than this prove nothing that these do not.
    public static let maximumProofs = 20

    /// Makes a finding; proofs and notes beyond ``maximumProofs`` are counted, not kept.
    public init(
        _ verdict: Verdict, _ summary: String, proofs: [Operation] = [], restsOnTime: Bool = false,
        excess: Duration? = nil, notes: [String] = []
    ) {
        self.verdict = verdict
        self.summary = summary
        self.proofs = Array(proofs.prefix(Self.maximumProofs))
        self.proofCount = proofs.count
        self.restsOnTime = restsOnTime
        self.excess = excess
        self.notes = Array(notes.prefix(Self.maximumProofs))
    }
}
