/// The measured part of an experiment: the load, and what happens under it.
struct ExperimentStage {
    let experiment: Experiment
    let fleet: any ExperimentFleet
    let instruments: Instruments
    let activities: ActivityRunner
    let nemesis: Nemesis
    let progress: @Sendable (String) -> Void
    private(set) var facts: RunFacts
    private(set) var records: [ActivityRecord] = []

    private var clock: RunClock { instruments.clock }

    init(
        experiment: Experiment, fleet: any ExperimentFleet, instruments: Instruments, activities: ActivityRunner,
        nemesis: Nemesis, progress: @escaping @Sendable (String) -> Void
    ) {
        self.experiment = experiment
        self.fleet = fleet
        self.instruments = instruments
        self.activities = activities
        self.nemesis = nemesis
        self.progress = progress
        let now = instruments.clock.now()
        facts = RunFacts(baseline: now..<now)
    }

    mutating func perform() async throws {
        let load = try await MeasuredLoad(
            experiment.plan.workload, topology: fleet.topology, instruments: instruments)
        facts.groups = load.groups
        let end = try await load.during { try await phases() }
        facts.droppedArrivals = end.droppedArrivals
        facts.droppedEvents = instruments.recorder.refused
    }

    private mutating func phases() async throws {
        let plan = experiment.plan.phases
        let warmUp = clock.now()
        try await clock.pause(plan.warmUp)
        facts.warmUp = warmUp..<clock.now()
        await instruments.sampler.lookAtCounters()
        _ = instruments.delays.take()
        progress("baseline for \(plan.baseline.text)")
        let baseline = clock.now()
        nemesis.note("phase", key: "baseline")
        try await clock.pause(plan.baseline)
        facts.baseline = baseline..<clock.now()
        for activity in experiment.method {
            if case .chaos(let step) = activity.provider {
                try await hold(step, activity)
            } else {
                records.append(await activities.run(activity))
            }
        }
        guard facts.fault != nil else { return }
        // What is gone by now was not broken by us, and is no finding about the service.
        try await fleet.checkRuntime()
        progress("recovery for \(plan.recovery.text)")
        let recovery = facts.injections.compactMap(\.healed).max() ?? clock.now()
        nemesis.note("phase", key: "recovery")
        try await clock.pause(plan.recovery)
        facts.recovery = recovery..<clock.now()
    }

    /// Injects, watches, heals; heals also when cancelled.
    private mutating func hold(_ step: Experiment.FaultStep, _ activity: Experiment.Activity) async throws {
        try await clock.pause(activity.pauseBefore)
        progress("\(step.fault) on \(step.target) for \(step.duration.text)")
        let began = clock.now()
        await instruments.sampler.lookAtCounters()
        nemesis.note("phase", key: "fault")
        nemesis.note("inject", key: step.target, ["fault": .string(step.fault.description)])
        let fault = try await fleet.breakTarget(
            step.fault, step.target, for: step.duration + ExperimentRunner.healMargin, origin: clock.origin)
        let applied = fault.applied ?? clock.now()
        var injection = RunFacts.Injection(
            fault: step.fault.description, target: step.target,
            nodes: (try? FaultTarget(step.target, in: fleet.topology).nodes(in: fleet.topology)) ?? [],
            began: began, applied: min(max(applied, began), clock.now()))
        var failure: (any Error)?
        do {
            try await watch(fault, until: injection.applied + step.duration.nanoseconds)
            await instruments.sampler.lookAtCounters()
        } catch {
            failure = error
        }
        injection.healing = clock.now()
        nemesis.note("heal", key: step.target)
        // Not to be cancelled with us: a fault outlives no experiment.
        let healing = await Task { () -> (any Error)? in
            do {
                try await fault.heal()
                return nil
            } catch { return error }
        }.value
        injection.healed = clock.now()
        injection.observations = fault.observations
        injection.healFailure = healing.map { "\($0)" }
        if let look = fault.afterHeal, look.inForce { injection.healFailure = look.evidence }
        nemesis.note(
            "healed", key: step.target,
            ["evidence": .string(injection.healFailure ?? fault.afterHeal?.evidence ?? "")])
        facts.fault = began..<(injection.healing ?? clock.now())
        facts.injections.append(injection)
        records.append(
            ActivityRecord(
                name: activity.name, kind: activity.kind, hasSucceeded: injection.verified, isTolerated: nil,
                output: injection.observations.map(\.evidence).joined(separator: "\n"), span: began..<clock.now()))
        if let failure { throw failure }
        try await clock.pause(activity.pauseAfter)
    }

    /// Writes each look at the fault into the history until it is time to heal.
    private func watch(_ fault: any FaultInForce, until end: Int64) async throws {
        var seen = 0
        while true {
            let observations = fault.observations
            for look in observations.dropFirst(seen) {
                nemesis.note(
                    "verify", key: experiment.name,
                    ["at": .int(look.time), "inForce": .bool(look.inForce), "evidence": .string(look.evidence)])
                if !look.inForce { progress("the fault is not in force: \(look.evidence)") }
            }
            seen = max(seen, observations.count)
            guard clock.now() < end else { return }
            try await clock.pause(min(.milliseconds(100), .nanoseconds(end - clock.now())))
        }
    }
}
