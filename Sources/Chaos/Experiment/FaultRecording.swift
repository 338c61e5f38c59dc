import Synchronization

/// Notes when a workload's body breaks and heals things, so that the run knows its phases.
final class FaultRecording: Sendable {
    @TaskLocal static var current: FaultRecording?

    let clock: RunClock
    private let sampler: MetricsSampler
    private let nemesis: Nemesis
    private let state = Mutex(State())

    private struct State {
        var began: Int64 = 0
        var open: [String: RunFacts.Injection] = [:]
        var done: [RunFacts.Injection] = []
    }

    init(instruments: Instruments) {
        clock = instruments.clock
        sampler = instruments.sampler
        nemesis = Nemesis(recorder: instruments.recorder)
    }

    var injections: [RunFacts.Injection] { state.withLock { $0.done }.sorted { $0.began < $1.began } }

    func injecting() async {
        let began = clock.now()
        await sampler.lookAtCounters()
        state.withLock { $0.began = began }
    }

    func injected(_ active: ActiveFault) {
        let target = active.target.description
        let now = clock.now()
        nemesis.note("inject", key: target, ["fault": .string(active.fault.description)])
        state.withLock { state in
            let applied = active.applied ?? now
            state.open[active.id] = RunFacts.Injection(
                fault: active.fault.description, target: target,
                nodes: active.target.nodes(in: active.topology), began: state.began,
                applied: min(max(applied, state.began), now))
        }
    }

    func healing(_ active: ActiveFault) async {
        await sampler.lookAtCounters()
        let now = clock.now()
        nemesis.note("heal", key: active.target.description)
        state.withLock { $0.open[active.id]?.healing = now }
    }

    func healed(_ active: ActiveFault) {
        let now = clock.now()
        state.withLock { state in
            guard var injection = state.open.removeValue(forKey: active.id) else { return }
            injection.healed = now
            injection.observations = active.observations
            if let look = active.afterHeal, look.inForce { injection.healFailure = look.evidence }
            state.done.append(injection)
        }
    }
}
