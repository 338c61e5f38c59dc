import Chaos
import SystemPackage

/// What `run --json` and `report --json` print.
struct RunSummary: Encodable {
    /// Of all experiments together.
    var verdict: RunVerdict
    /// What `run` ends with; nil for `report`, which only tells.
    var exitCode: Int32?
    /// Draws the same load again.
    var seed: UInt64
    /// The directory of the evidence.
    var bundle: String
    /// The page within it.
    var report: String
    /// In the order in which they ran.
    var experiments: [Outcome]

    /// How one experiment fared.
    struct Outcome: Encodable {
        var name: String
        var verdict: RunVerdict
    }

    init(_ results: RunResults, in bundle: EvidenceBundle, exitCode: Int32? = nil) {
        verdict = results.verdict
        self.exitCode = exitCode
        seed = results.surroundings.seed
        self.bundle = bundle.directory.string
        report = bundle.report.string
        experiments = results.experiments.map { Outcome(name: $0.name, verdict: $0.verdict) }
    }
}
