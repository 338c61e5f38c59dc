import Foundation

/// Decides when a fleet's controllers are dead and what follows. Pure: events in, actions out.
///
/// A controller's connection is its lease; it ends with the connection, or when a connected one has not been heard for
/// ``beatLimit`` (a stopped process keeps its connections).
struct GuardianState: Sendable {
    typealias LeaseID = Int
    typealias Instant = ContinuousClock.Instant

    enum Event: Sendable {
        case opened(LeaseID)
        case hello(LeaseID, ProcessIdentity)
        case beat(LeaseID)
        case closed(LeaseID)
        /// A controller asks for the fleet's end.
        case end
        case tick
        /// An attempt to heal is over. One that did not work is made again, since the ledger still lists the fault.
        case healEnded(String)
    }

    enum Action: Sendable, Equatable {
        /// Tells a controller that its lease counts from now on. Not a moment sooner: one that went on at once and
        /// injected would find its fault healed for want of a lease.
        case welcome(LeaseID)
        case heal(FaultRecord)
        case tearDown
    }

    /// A controller stopped for longer is given up. Generous, since a busy machine may keep a live one waiting.
    static let beatLimit = Duration.seconds(5)
    /// How long a living controller may be without a lease: at the start, and after a guardian was replaced.
    static let firstLeaseLimit = Duration.seconds(10)
    /// Looks further apart than this mean that the guardian itself was stopped or starved. What its controllers said
    /// meanwhile still waits to be read, so their silence proves nothing.
    static let stallLimit = Duration.seconds(1)
    /// A fault with a time limit is its controller's to heal; only when that is late, in seconds, the guardian acts.
    static let healGrace = 1.0

    private struct Lease {
        var identity: ProcessIdentity?
        var heardAt: Instant
    }

    private var leases: [LeaseID: Lease] = [:]
    private var hadOwner = false
    private let startedAt: Instant
    private var isTearingDown = false
    private var healing: Set<String> = []
    private var lastLookAt: Instant
    /// Living controllers that hold a fault and no lease, since when.
    private var missing: [ProcessIdentity: Instant] = [:]

    init(startedAt: Instant) {
        self.startedAt = startedAt
        lastLookAt = startedAt
    }

    /// - Parameters:
    ///   - wallClock: seconds since 1970, which faults' time limits are written in.
    ///   - ledger: the ledger's state now.
    ///   - isAlive: whether a process still runs.
    mutating func handle(
        _ event: Event, now: Instant, wallClock: Double, ledger: LedgerState, isAlive: (ProcessIdentity) -> Bool
    ) -> [Action] {
        if now - lastLookAt > Self.stallLimit {
            for id in leases.keys { leases[id]?.heardAt = now }
        }
        lastLookAt = now
        var actions: [Action] = []
        switch event {
        case .opened(let id): leases[id] = Lease(identity: nil, heardAt: now)
        case .hello(let id, let identity):
            leases[id] = Lease(identity: identity, heardAt: now)
            if identity == ledger.header?.controller { hadOwner = true }
            actions.append(.welcome(id))
        case .beat(let id): leases[id]?.heardAt = now
        case .closed(let id): leases[id] = nil
        case .end: return tearDown()
        case .tick: break
        case .healEnded(let fault): healing.remove(fault)
        }
        for (id, lease) in leases where now - lease.heardAt > Self.beatLimit { leases[id] = nil }
        if isOrphaned(now: now, ledger: ledger) { return tearDown() }
        return actions + heals(now: now, wallClock: wallClock, ledger: ledger, isAlive: isAlive)
    }

    private mutating func tearDown() -> [Action] {
        guard !isTearingDown else { return [] }
        isTearingDown = true
        return [.tearDown]
    }

    private func holds(_ identity: ProcessIdentity) -> Bool {
        leases.values.contains { $0.identity == identity }
    }

    /// Whether the fleet was to live as long as its controller, and that is gone.
    private func isOrphaned(now: Instant, ledger: LedgerState) -> Bool {
        guard let header = ledger.header, !ledger.staysWithoutController, !holds(header.controller) else {
            return false
        }
        return hadOwner || now - startedAt > Self.firstLeaseLimit
    }

    private mutating func heals(
        now: Instant, wallClock: Double, ledger: LedgerState, isAlive: (ProcessIdentity) -> Bool
    ) -> [Action] {
        let holders = Set(ledger.faults.compactMap(\.controller)).filter { !holds($0) }
        missing = missing.filter { holders.contains($0.key) }
        for holder in holders where missing[holder] == nil { missing[holder] = now }
        var actions: [Action] = []
        for record in ledger.faults where !healing.contains(record.id) {
            guard isDue(record, now: now, wallClock: wallClock, isAlive: isAlive) else { continue }
            healing.insert(record.id)
            actions.append(.heal(record))
        }
        return actions
    }

    private func isDue(
        _ record: FaultRecord, now: Instant, wallClock: Double, isAlive: (ProcessIdentity) -> Bool
    ) -> Bool {
        guard let controller = record.controller else {
            return record.until.map { wallClock >= $0.timeIntervalSince1970 } ?? false
        }
        if let until = record.until, wallClock >= until.timeIntervalSince1970 + Self.healGrace { return true }
        if holds(controller) { return false }
        // A new guardian has not met its controllers yet.
        return !isAlive(controller) || now - (missing[controller] ?? now) > Self.firstLeaseLimit
    }
}
