import AsyncHTTPClient

/// A workload to be run against a fleet while something happens to it.
public struct FleetWorkload: Sendable {
    let fleet: Fleet
    let workload: Workload
    let seed: UInt64

    /// Keeps the load up while `body` runs, with measured stretches before and after it, and returns what was recorded
    /// once every order is settled and stock and orders are read again. What `body` breaks with
    /// ``Fleet/with(_:on:isolation:_:)`` is on record with its observations.
    /// - Throws: what `body` throws, or why the load could not be started.
    public func during(
        _ phases: Experiment.Phases = Experiment.Phases(), isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Void
    ) async throws -> WorkloadRun {
        let client = ServiceCaller.makeClient()
        do {
            let run = try await record(phases, client: client, body)
            try? await client.shutdown()
            return run
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func record(
        _ phases: Experiment.Phases, client: HTTPClient, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Void
    ) async throws -> WorkloadRun {
        var instruments = try Instruments(
            services: fleet.serviceAddresses(), proxy: fleet.proxy().address, bundle: nil, seed: seed, client: client,
            environment: fleet.context.environment)
        instruments.isBesideContainers = fleet.runtime.kind == .docker
        let clock = instruments.clock
        let load = try await MeasuredLoad(workload, topology: fleet.topology, instruments: instruments)
        var facts = RunFacts(baseline: 0..<0, groups: load.groups)
        let recording = FaultRecording(instruments: instruments)
        let end = try await load.during {
            let warmUp = clock.now()
            try await clock.pause(phases.warmUp)
            let baseline = clock.now()
            facts.warmUp = warmUp..<baseline
            _ = instruments.delays.take()
            try await clock.pause(phases.baseline)
            facts.baseline = baseline..<clock.now()
            try await FaultRecording.$current.withValue(recording, operation: body)
            facts.injections = recording.injections
            guard let first = facts.injections.first, let healed = facts.injections.compactMap(\.healed).max() else {
                return
            }
            facts.fault = first.began..<(facts.injections.compactMap(\.healing).max() ?? healed)
            try await clock.pause(phases.recovery)
            facts.recovery = healed..<clock.now()
        }
        facts.droppedArrivals = end.droppedArrivals
        facts.droppedEvents = instruments.recorder.refused
        return WorkloadRun(
            RecordedRun(
                operations: Operation.pair(instruments.recorder.events()), facts: facts,
                metrics: instruments.sampler.samples()), seed: seed)
    }
}

extension Fleet {
    /// A workload against this fleet; ``FleetWorkload/during(_:isolation:_:)`` runs it.
    /// - Parameter seed: decides arrivals and choices; drawn when left out.
    public func workload(_ workload: Workload, seed: UInt64? = nil) -> FleetWorkload {
        FleetWorkload(fleet: self, workload: workload, seed: seed ?? context.environment.random() % 1_000_000)
    }

    /// Lets time pass under load, a fault in force for example.
    public func settle(for duration: Duration) async throws {
        try await context.environment.sleep(duration)
    }
}
