import Synchronization
import Testing

@testable import Chaos

/// The course of an experiment, against a marketplace and a fleet in memory.
@Suite struct ExperimentRunnerTests {
    /// Breaks the fake marketplace's store a, and says it is in force for as long as nobody interferes.
    final class FakeFleet: ExperimentFleet {
        let topology = ExperimentReaderTests.topology
        let address: HostPort
        let market: FakeMarketplace
        let lapses: Bool
        let healFails: Bool
        /// Whether the service is not well again after the heal.
        let staysIll: Bool
        /// What the runtime says when it is asked whether it is there.
        let gone: FleetError?
        let heals = Mutex(0)

        init(
            _ address: HostPort, _ market: FakeMarketplace, lapses: Bool = false, healFails: Bool = false,
            staysIll: Bool = false, gone: FleetError? = nil
        ) {
            self.staysIll = staysIll
            self.gone = gone
            self.address = address
            self.market = market
            self.lapses = lapses
            self.healFails = healFails
        }

        func checkRuntime() async throws { if let gone { throw gone } }

        func serviceAddresses() -> [String: HostPort] { ["server-0": address, "server-1": address] }

        func breakTarget(
            _ fault: Fault, _ target: String, for duration: Duration, origin: ContinuousClock.Instant
        ) async throws -> any FaultInForce {
            market.behaviour.isBroken = true
            if staysIll { market.behaviour.isReady = false }
            return FakeFault(fleet: self, origin: origin)
        }
    }

    final class FakeFault: FaultInForce {
        var applied: Int64? { observations.first { $0.inForce }?.time }
        let fleet: FakeFleet
        let first: Int64
        let state = Mutex<FaultObservation?>(nil)

        init(fleet: FakeFleet, origin: ContinuousClock.Instant) {
            self.fleet = fleet
            first = origin.duration(to: .now).nanoseconds
        }

        var observations: [FaultObservation] {
            (0...2).map {
                FaultObservation(
                    time: first + Int64($0) * 1_000_000_000, inForce: !(fleet.lapses && $0 == 1), evidence: "look \($0)"
                )
            }
        }

        var afterHeal: FaultObservation? { state.withLock { $0 } }

        func heal() async throws {
            fleet.heals.withLock { $0 += 1 }
            if fleet.healFails { throw FleetError.failed("it would not start") }
            fleet.market.behaviour.isBroken = false
            state.withLock { $0 = FaultObservation(time: first, inForce: false, evidence: "answers") }
        }
    }

    static let text = """
        version: 1.0.0
        title: t
        description: d
        steady-state-hypothesis:
          title: well
          probes:
            - {type: probe, name: ready, tolerance: 200, provider: {type: http, url: "${server-0}/health/ready"}}
        method:
          - type: action
            name: pause
            provider: {type: chaos, fault: pause, target: shard-0-primary, for: 2s}
        rollbacks:
          - {type: action, name: say, provider: {type: process, path: echo, arguments: "done ${word}"}}
        configuration: {word: indeed}
        extensions:
          - name: seaworthy
            row: primary paused
            workload:
              - {type: browse, rate: 50}
              - {type: order, rate: 20, double-click: 0.3}
            phases: {warm-up: 100ms, baseline: 500ms, recovery: 300ms}
            expect:
              - {column: invariants, check: no-double-order}
              - {column: invariants, check: stock-conservation}
              - {column: reads, check: no-errors, class: reads}
        """

    /// The same, with no more patience than a test has.
    static let impatient = text.replacing("row: primary", with: "patience: 300ms\n    row: primary")

    private func run(
        _ market: FakeMarketplace = FakeMarketplace(), _ text: String = Self.text, lapses: Bool = false,
        healFails: Bool = false, staysIll: Bool = false, rollbacks: ExperimentRunner.RollbackStrategy = .always
    ) async throws -> (result: ExperimentResult, events: [HistoryEvent], heals: Int) {
        let experiment = try ExperimentReader(topology: ExperimentReaderTests.topology)
            .read(text: text, path: "t.yaml")
        return try await market.serve { address in
            let client = ServiceCaller.makeClient()
            let fleet = FakeFleet(address, market, lapses: lapses, healFails: healFails, staysIll: staysIll)
            let instruments = try Instruments(
                services: fleet.serviceAddresses(), bundle: nil, seed: 7, client: client)
            let runner = ExperimentRunner(
                fleet: fleet, instruments: instruments, rollbackStrategy: rollbacks, progress: { _ in })
            do {
                let result = try await runner.run(experiment)
                try await client.shutdown()
                return (result, instruments.recorder.events(), fleet.heals.withLock { $0 })
            } catch {
                try? await client.shutdown()
                throw error
            }
        }
    }

    @Test("phases, fault, books, probes and rollbacks are all on record; too little load makes it unknown")
    func course() async throws {
        let (result, events, heals) = try await run()
        #expect(heals == 1)
        #expect(result.steadyBefore?.isMet == true && result.steadyAfter?.isMet == true)
        #expect(result.verdict == .unknown)
        #expect(result.firstDoubt?.finding.notes.contains { $0.contains("1000 needed") } == true)
        let injection = try #require(result.run.facts.injections.first)
        #expect(injection.verified && injection.nodes == ["shard-0-primary"])
        let fault = try #require(result.run.facts.fault)
        #expect(fault.upperBound - fault.lowerBound >= 2_000_000_000)
        #expect(result.run.operations.contains { $0.isOrder && $0.status == 503 && fault.contains($0.start) })
        let nemesis = events.filter { $0.process == .nemesis }.map(\.function)
        for step in ["experiment", "phase", "inject", "verify", "heal", "healed"] { #expect(nemesis.contains(step)) }
        #expect(result.rollbacks.map(\.output) == ["done indeed\n"])
        #expect(result.activities.map(\.hasSucceeded) == [true])
        #expect((result.evidence.attempts?.count ?? 0) > 0)
    }

    @Test("a fault that lapsed is no proof, and an invariant broken meanwhile is")
    func lapse() async throws {
        let (held, _, _) = try await run(lapses: true)
        #expect(held.verdict == .unknown)
        #expect(!held.isWorthRepeating, "a second run would hide what was done to the first")
        #expect(held.evidence.faultDoubts.first?.contains("not in force at") == true)
        let market = FakeMarketplace()
        market.behaviour.isIdempotent = false
        let (broken, _, _) = try await run(market, lapses: true)
        #expect(broken.verdict == .broken)
        #expect(broken.breaches.first?.expectation.checkName == "no-double-order")
        #expect(broken.breaches.first?.finding.proofs.isEmpty == false)
    }

    @Test("a heal that fails is no proof either")
    func failedHeal() async throws {
        let (result, _, _) = try await run(healFails: true)
        #expect(result.verdict == .unknown)
        #expect(result.run.facts.injections.first?.healFailure == "it would not start")
    }

    @Test("what broke the fleet's own machinery is an error, and no finding about the service")
    func runtimeGone() async throws {
        let experiment = try ExperimentReader(topology: ExperimentReaderTests.topology)
            .read(text: Self.text, path: "t.yaml")
        let market = FakeMarketplace()
        try await market.serve { address in
            let client = ServiceCaller.makeClient()
            let fleet = FakeFleet(address, market, gone: .failed("the daemon does not answer: start it again"))
            let instruments = try Instruments(services: fleet.serviceAddresses(), bundle: nil, seed: 7, client: client)
            await #expect(throws: FleetError.self) {
                try await ExperimentRunner(fleet: fleet, instruments: instruments).run(experiment)
            }
            #expect(fleet.heals.withLock { $0 } == 1, "healed all the same")
            try await client.shutdown()
        }
    }

    @Test("rollbacks can be left out")
    func noRollbacks() async throws {
        #expect(try await run(rollbacks: .never).result.rollbacks.isEmpty)
    }

    @Test("with the strategy deviated, rollbacks follow what did not hold, and nothing else")
    func deviated() async throws {
        let nothingPromised = Self.text.replacing(#/expect:[\s\S]*/#, with: "expect: []")
        let held = try await run(FakeMarketplace(), nothingPromised, rollbacks: .deviated).result
        #expect(held.verdict == .held)
        #expect(held.rollbacks.isEmpty)
        let market = FakeMarketplace()
        market.behaviour.isIdempotent = false
        let broken = try await run(market, rollbacks: .deviated).result
        #expect(broken.verdict == .broken)
        #expect(broken.rollbacks.map(\.output) == ["done indeed\n"])
    }

    @Test("what was never well is not broken: exit code 3, with what the probe saw")
    func neverSteady() async throws {
        let market = FakeMarketplace()
        market.behaviour.isReady = false
        let (result, events, heals) = try await run(market, Self.impatient)
        #expect(result.verdict == .unsteady)
        #expect(result.verdict.exitCode == 3)
        #expect(result.steadyBefore?.isMet == false && result.steadyAfter == nil)
        #expect(result.steadyBefore?.probes.first?.output.contains("\"ready\":false") == true)
        #expect(events.map(\.function) == ["experiment"], "no load, no fault")
        #expect(heals == 0 && result.checks.isEmpty)
        #expect(!market.behaviour.isBroken && market.orders.isEmpty)
    }

    @Test("a steady state that does not come back after the fault is broken, whatever else held")
    func notSteadyAgain() async throws {
        let (result, _, heals) = try await run(
            FakeMarketplace(), Self.impatient, staysIll: true, rollbacks: .deviated)
        #expect(heals == 1)
        #expect(result.steadyBefore?.isMet == true && result.steadyAfter?.isMet == false)
        #expect(result.breaches.isEmpty)
        #expect(result.verdict == .broken && result.verdict.exitCode == 1)
        #expect(result.rollbacks.map(\.output) == ["done indeed\n"], "it deviated")
    }

    @Test("a fleet without a service is no fleet to send load to, and that is said")
    func noService() async throws {
        let client = ServiceCaller.makeClient()
        let instruments = try Instruments(services: [:], bundle: nil, seed: 7, client: client)
        let error = await #expect(throws: CatalogueReader.Failure.self) {
            try await MeasuredLoad(.browse(rate: 1), topology: TestFleets.tiny, instruments: instruments)
        }
        #expect(error?.description.contains("tiny has no service") == true)
        try await client.shutdown()
    }

    @Test("cancelling heals before it throws")
    func cancelled() async throws {
        let market = FakeMarketplace()
        try await market.serve { address in
            let experiment = try ExperimentReader(topology: ExperimentReaderTests.topology)
                .read(text: Self.text, path: "t.yaml")
            let client = ServiceCaller.makeClient()
            let fleet = FakeFleet(address, market)
            let instruments = try Instruments(services: fleet.serviceAddresses(), bundle: nil, seed: 7, client: client)
            let runner = ExperimentRunner(fleet: fleet, instruments: instruments)
            let work = Task { try await runner.run(experiment) }
            try await eventually("the fault is in force") { market.behaviour.isBroken }
            work.cancel()
            await #expect(throws: CancellationError.self) { try await work.value }
            #expect(fleet.heals.withLock { $0 } == 1)
            try await client.shutdown()
        }
    }
}
