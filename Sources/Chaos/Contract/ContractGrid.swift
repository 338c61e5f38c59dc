/// Which promises of the degradation contract held: rows by columns.
public struct ContractGrid: Sendable {
    /// One per experiment, in the order in which they ran.
    public var rows: [Row]

    /// What one experiment says of its row of the contract.
    public struct Row: Sendable {
        public var title: String
        /// The experiment that filled it.
        public var experiment: String
        /// One per column, in the order of ``ContractColumn``.
        public var cells: [Cell]
    }

    /// What stands in one cell.
    public enum Cell: String, Sendable, CaseIterable {
        case held, broken, unknown
        /// The fault cannot touch this column; fixed by the contract, not decided by a run.
        case notApplicable = "n/a"
        /// The contract promises something here that no check of this release looks at.
        case notChecked = "–"
    }

    /// Fills the grid from what experiments found.
    public init(_ experiments: [ExperimentReport]) {
        rows = experiments.map { experiment in
            Row(
                title: experiment.row ?? experiment.title, experiment: experiment.name,
                cells: ContractColumn.allCases.map { column in
                    if experiment.notApplicable.contains(column) { return .notApplicable }
                    return switch experiment.verdict(in: column) {
                    case .held: .held
                    case .broken: .broken
                    case .unknown: .unknown
                    case nil: .notChecked
                    }
                })
        }
    }

    /// A table for terminals.
    public var text: String {
        let titles = ["contract row"] + ContractColumn.allCases.map(\.shortTitle)
        let lines = [titles] + rows.map { [$0.title] + $0.cells.map(\.rawValue) }
        let widths = titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            zip(line, widths).map { text, width in text + String(repeating: " ", count: width - text.count) }
                .joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
