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

    /// What every scenario does to its clients: reads over all stores, and orders of which some are clicked twice. Just
    /// above the thousand operations that a verdict needs of a phase, so that two cores carry it.
    static let load = Workload.browse(rate: 130).and(.order(rate: 60, doubleClick: 0.05))
    /// How long each phase is, the fault's time aside.
    static let phases = Experiment.Phases(warmUp: .seconds(2), baseline: .seconds(6), recovery: .seconds(6))

    /// Clients that carry their consistency token, besides.
    static let sessions = load.and(.session(rate: 30, sessions: 20))

    /// Runs `scenario` against a fleet of its own, and once more against another when the only trouble was that the
    /// load generator was held up; then judges by the checks.
    static func expect(
        on runtime: RuntimeKind, durable: Bool = false, _ checks: [any Checker],
        sourceLocation: SourceLocation = #_sourceLocation, scenario: @Sendable () async throws -> WorkloadRun
    ) async throws {
        var run = try await onFleet(runtime, durable: durable, scenario)
        var findings = checks.map { (check: $0, finding: run.finding(of: $0)) }
        let isBlurred =
            !run.evidence.isTimely && !run.evidence.faultLapsed && !findings.contains { $0.finding.verdict == .broken }
        if isBlurred, findings.contains(where: { $0.finding.verdict == .unknown }) {
            run = try await onFleet(runtime, durable: durable, scenario)
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
        _ runtime: RuntimeKind, durable: Bool, _ scenario: @Sendable () async throws -> WorkloadRun
    ) async throws -> WorkloadRun {
        var topology = try Topology.bundled("standard")
        topology.durable = durable
        let fleet = try await Fleet.start(topology, options: FleetOptions(runtime: runtime))
        do {
            let run = try await Fleet.withCurrent(fleet) { try await scenario() }
            try await fleet.stop()
            return run
        } catch {
            try? await fleet.stop()
            throw error
        }
    }

    /// Keeps `load` up while `fault` is in force on `target` for so long, on a fleet of its own, and judges.
    static func lose(
        _ fault: Fault, on target: String, for duration: Duration = .seconds(6), under load: Workload = load,
        _ runtime: RuntimeKind, durable: Bool = false, _ checks: [any Checker],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await expect(on: runtime, durable: durable, checks, sourceLocation: sourceLocation) {
            let fleet = Fleet.current
            return try await fleet.workload(load).during(phases) {
                try await fleet.with(fault, on: target) { try await fleet.settle(for: duration) }
            }
        }
    }

    /// What a session is promised through every fault.
    static let guarantees: [any Checker] = [ReadYourWrites(), MonotonicReads()]

    /// What holds through every fault.
    static let invariants: [any Checker] = [NoDoubleOrder(), StockConservation(), AcknowledgedOrders(), Recovers()]
}
