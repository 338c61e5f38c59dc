import Chaos
import Foundation
import Testing

/// All scenarios: each breaks a fleet for real and asserts its row of docs/CONTRACT.md. They assert timing, so they run
/// one after the other.
@Suite(.serialized, EndsStandingFleet()) enum Scenarios {
    /// Local processes always; docker when a daemon answers, or when it must (SEAWORTHY_REQUIRE_DOCKER=1).
    /// SEAWORTHY_RUNTIME names the only one, whether it is there or not: no scenario passes by not running.
    static func runtimes() async -> [RuntimeKind] {
        let environment = ProcessInfo.processInfo.environment
        if let only = environment["SEAWORTHY_RUNTIME"] {
            // Arguments of a test cannot throw, and without any it would pass unseen.
            guard let kind = RuntimeKind(rawValue: only) else {
                preconditionFailure("SEAWORTHY_RUNTIME is '\(only)': process or docker")
            }
            return [kind]
        }
        let isRequired = environment["SEAWORTHY_REQUIRE_DOCKER"] == "1"
        if isRequired { return [.process, .docker] }
        return await Doctor.examine().runtimes.contains(.docker) ? [.process, .docker] : [.process]
    }

    /// What every scenario does to its clients: reads over all stores, and orders of which some are clicked twice. Just
    /// above the thousand operations that a verdict needs of a phase, so that two cores carry it.
    static let load = Workload.browse(rate: 130).and(.order(rate: 60, doubleClick: 0.05))
    /// How long each phase is, the fault's time aside.
    static let phases = Experiment.Phases(warmUp: .seconds(2), baseline: .seconds(6), recovery: .seconds(6))

    /// Clients that carry their consistency token, besides.
    static let sessions = load.and(.session(rate: 30, sessions: 20))

    /// Runs `scenario` against a fleet, and again as an experiment is while the only trouble is that the machine was
    /// held up; then judges by the checks.
    /// - Parameter spendsFleet: whether its fleet is another one afterwards, and of no use to the next scenario.
    static func expect(
        on runtime: RuntimeKind, durable: Bool = false, spendsFleet: Bool = false, _ checks: [any Checker],
        sourceLocation: SourceLocation = #_sourceLocation, scenario: @Sendable () async throws -> WorkloadRun
    ) async throws {
        let kind = StandingFleet.Kind(runtime: runtime, isDurable: durable)
        var (run, findings) = try await judged(checks, on: kind, spendsFleet: spendsFleet, scenario)
        for _ in 1..<ExperimentRunner.maximumRuns {
            let isBlurred = !run.evidence.isTimely && !run.evidence.faultLapsed
            guard isBlurred, findings.allSatisfy({ $0.finding.verdict != .broken }), !findings.allSatisfy(\.isHeld)
            else { break }
            (run, findings) = try await judged(checks, on: kind, spendsFleet: spendsFleet, scenario)
        }
        for judged in findings where !judged.isHeld {
            let finding = judged.finding
            let lines = [finding.summary] + finding.notes + finding.proofs.map(\.summary)
            Issue.record(
                """
                \(finding.verdict.rawValue): \(judged.check.promise) (seed \(run.seed))
                \(lines.joined(separator: "\n"))
                """, sourceLocation: sourceLocation)
        }
    }

    private struct Judged {
        var check: any Checker
        var finding: Finding
        var isHeld: Bool { finding.verdict == .held }
    }

    /// A fleet on which anything did not hold says nothing of the next scenario: it is stopped.
    private static func judged(
        _ checks: [any Checker], on kind: StandingFleet.Kind, spendsFleet: Bool,
        _ scenario: @Sendable () async throws -> WorkloadRun
    ) async throws -> (WorkloadRun, [Judged]) {
        let fleet = try await StandingFleet.shared.take(kind)
        do {
            let run = try await Fleet.withCurrent(fleet) { try await scenario() }
            let findings = checks.map { Judged(check: $0, finding: run.finding(of: $0)) }
            if findings.allSatisfy(\.isHeld), !spendsFleet {
                try await StandingFleet.shared.giveBack(fleet, of: kind)
            } else {
                try await fleet.stop()
            }
            return (run, findings)
        } catch {
            try? await fleet.stop()
            throw error
        }
    }

    /// Keeps `load` up while `fault` is in force on `target` for so long, and judges.
    static func lose(
        _ fault: Fault, on target: String, for duration: Duration = .seconds(6), under load: Workload = load,
        _ runtime: RuntimeKind, durable: Bool = false, _ checks: [any Checker],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let changesRoles = fault.kind == .promote
        try await expect(
            on: runtime, durable: durable, spendsFleet: changesRoles, checks, sourceLocation: sourceLocation
        ) {
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
