/// No operation that any part of the fault fell on ended in an error.
public struct NoErrors: Checker {
    public static let name = "no-errors"
    public var judgesOperationsSingly: Bool { true }
    public var promise: String { "no errors among \(selection.words) while the fault lasts" }
    private let selection: Selection

    /// Makes the check for the selected operations.
    public init(_ selection: Selection = Selection()) { self.selection = selection }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        self.init(try parameters.selection())
    }

    public func check(_ run: RecordedRun) -> Finding {
        Self.errors(among: selection, in: run.facts.fault ?? run.facts.baseline, of: run)
    }

    static func errors(among selection: Selection, in range: Range<Int64>, of run: RecordedRun) -> Finding {
        let operations = run.operations(selection, overlapping: range)
        guard !operations.isEmpty else { return Finding(.unknown, "there were no \(selection.words)") }
        let errors = operations.filter { $0.isError || $0.outcome == nil }
        guard !errors.isEmpty else { return Finding(.held, "\(operations.count) \(selection.words), no error") }
        return Finding(
            .broken, "\(errors.count) of \(operations.count) \(selection.words) failed", proofs: errors,
            restsOnTime: errors.allSatisfy(\.isTimeBound))
    }
}
