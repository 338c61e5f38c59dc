import Chaos
import Foundation
import Testing

/// All scenarios: each breaks a fleet of its own for real and asserts its row of docs/CONTRACT.md. They assert timing,
/// so they run one after the other.
@Suite(.serialized) enum Scenarios {
    /// Local processes always; docker when a daemon answers, or when it must (SEAWORTHY_REQUIRE_DOCKER=1).
    static func runtimes() async -> [RuntimeKind] {
        var kinds: [RuntimeKind] = [.process]
        let isRequired = ProcessInfo.processInfo.environment["SEAWORTHY_REQUIRE_DOCKER"] == "1"
        if isRequired { return kinds + [.docker] }
        if await Doctor.examine().runtimes.contains(.docker) { kinds.append(.docker) }
        return kinds
    }

    /// What every scenario does to its clients: reads over all stores, and orders of which some are clicked twice.
    static let load = Workload.browse(rate: 300).and(.order(rate: 60, doubleClick: 0.05))

    /// Runs `scenario` against a fleet of its own, and once more against another when the only trouble was that the
    /// load generator was held up; then judges by the checks.
    static func expect(
        on runtime: RuntimeKind, _ checks: [any Checker], sourceLocation: SourceLocation = #_sourceLocation,
        scenario: @Sendable () async throws -> WorkloadRun
    ) async throws {
        var run = try await onFleet(runtime, scenario)
        var findings = checks.map { (check: $0, finding: run.finding(of: $0)) }
        let isBlurred = !run.evidence.isTimely && !findings.contains { $0.finding.verdict == .broken }
        if isBlurred, findings.contains(where: { $0.finding.verdict == .unknown }) {
            run = try await onFleet(runtime, scenario)
            findings = checks.map { (check: $0, finding: run.finding(of: $0)) }
        }
        for (check, finding) in findings where finding.verdict != .held {
            let lines = [finding.summary] + finding.notes + finding.proofs.map(\.summary)
            Issue.record(
                """
                \(finding.verdict.rawValue): \(check.promise) (seed \(run.seed))
                \(lines.joined(separator: "\n"))
                """, sourceLocation: sourceLocation)
        }
    }

    private static func onFleet(
        _ runtime: RuntimeKind, _ scenario: @Sendable () async throws -> WorkloadRun
    ) async throws -> WorkloadRun {
        let fleet = try await Fleet.start(.bundled("standard"), options: FleetOptions(runtime: runtime))
        do {
            let run = try await Fleet.withCurrent(fleet) { try await scenario() }
            try await fleet.stop()
            return run
        } catch {
            try? await fleet.stop()
            throw error
        }
    }

    /// What holds through every fault.
    static let invariants: [any Checker] = [NoDoubleOrder(), StockConservation(), AcknowledgedOrders(), Recovers()]
}
