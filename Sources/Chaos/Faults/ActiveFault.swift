import Foundation
import Synchronization

/// A fault in force, looked at once a second until it is healed.
public final class ActiveFault: Sendable {
    let record: FaultRecord
    private let site: FleetSite
    private let mechanism: any FaultMechanism
    private let origin: ContinuousClock.Instant
    private let state = Mutex(State())

    private struct State {
        var observations: [FaultObservation] = []
        var afterHeal: FaultObservation?
        var healing: Task<Void, any Error>?
        var watch: Task<Void, Never>?
    }

    /// How often it is looked at.
    static let period = Duration.seconds(1)
    /// How long the effect may take to show after the injection.
    static let showLimit = Duration.seconds(3)
    /// Looks kept: an hour of them.
    static let observationLimit = 3_600

    public var id: String { record.id }
    /// What it is.
    public var fault: Fault { record.fault }
    /// What it is in force on.
    public var target: FaultTarget { record.target }

    var topology: Topology { site.context.topology }

    /// All looks so far: at the start, every second, before the heal.
    public var observations: [FaultObservation] { state.withLock { $0.observations } }
    /// When it took effect, as far as is known: by the injection itself, else by the first look that saw it in force.
    public var applied: Int64? {
        mechanism.tookEffect.map { (origin.duration(to: $0)).nanoseconds } ?? observations.first { $0.inForce }?.time
    }
    /// Whether every look so far saw it in force. False is not a pass: the run is unknown.
    public var isVerified: Bool {
        state.withLock { !$0.observations.isEmpty && $0.observations.allSatisfy(\.inForce) }
    }
    /// The look after the heal: `inForce` false when node or link work again, and `evidence` says how. Nil before.
    public var afterHeal: FaultObservation? { state.withLock { $0.afterHeal } }

    init(record: FaultRecord, site: FleetSite, mechanism: any FaultMechanism, origin: ContinuousClock.Instant) {
        self.record = record
        self.site = site
        self.mechanism = mechanism
        self.origin = origin
    }

    /// Injects, waits for the effect to show, and begins to look at it.
    func begin() async throws {
        try await mechanism.inject(id, at: site)
        let end = site.environment.now() + Self.showLimit
        var look = await mechanism.look(id, at: site)
        while !look.isSo, site.environment.now() < end {
            try await site.environment.sleep(.milliseconds(20))
            look = await mechanism.look(id, at: site)
        }
        note(look)
        if look.isSo { try site.context.ledger.append(.injected(fault: id)) }
        let watch = Task { [weak self, environment = site.environment] in
            while (try? await environment.sleep(Self.period)) != nil, let self { await self.observe() }
        }
        state.withLock { $0.watch = watch }
    }

    /// Stops looking and leaves the fault in force.
    func letGo() { state.withLock { $0.watch?.cancel() } }

    /// Looks once more, heals, and waits until node or link work again. Safe to call twice.
    /// - Throws: when it cannot be undone; the guardian goes on trying then.
    public func heal() async throws {
        let task = state.withLock { state in
            if let healing = state.healing { return healing }
            state.watch?.cancel()
            let healing = Task { try await self.finish() }
            state.healing = healing
            return healing
        }
        try await task.value
    }

    /// Marks a look taken now.
    private func observe() async {
        // Healed by another meanwhile (`chaos heal`, the guardian at its time limit): its end is no lapse.
        guard let faults = try? site.context.ledger.state().faults, faults.contains(where: { $0.id == id }) else {
            return
        }
        let look = await mechanism.look(id, at: site)
        if !Task.isCancelled { note(look) }
    }

    private func note(_ look: FaultLook) {
        let observation = FaultObservation(time: time(), inForce: look.isSo, evidence: look.evidence)
        state.withLock { state in
            if state.observations.count < Self.observationLimit { state.observations.append(observation) }
        }
    }

    private func finish() async throws {
        await observe()
        try await site.heal(record)
        let look = try await site.awaitHealed(record)
        let observation = FaultObservation(time: time(), inForce: !look.isSo, evidence: look.evidence)
        state.withLock { $0.afterHeal = observation }
    }

    private func time() -> Int64 {
        let elapsed = (site.environment.now() - origin).components
        return elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000
    }
}
