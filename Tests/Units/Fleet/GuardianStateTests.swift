import Foundation
import Testing

@testable import Chaos

@Suite("Guardian")
struct GuardianStateTests {
    private let start = ContinuousClock.Instant.now
    private let owner = ProcessIdentity(pid: 1, startTime: 1, bootID: "b")
    private let other = ProcessIdentity(pid: 2, startTime: 2, bootID: "b")

    private func ledger(
        isKept: Bool, isReady: Bool = true, faults: [FaultRecord] = []
    ) -> LedgerState {
        var state = LedgerState()
        state.header = LedgerHeader(
            name: "f", runtime: .process, topology: Topology(name: "t", nodes: []), passedVariables: [:],
            isKept: isKept,
            controller: owner)
        state.isReady = isReady
        state.faults = faults
        return state
    }

    private func fault(_ id: String, by controller: ProcessIdentity?, until: Double? = nil) -> FaultRecord {
        FaultRecord(
            id: id, fault: .pause, target: .node("cache"), since: Date(timeIntervalSince1970: 0),
            until: until.map { Date(timeIntervalSince1970: $0) }, controller: controller)
    }

    /// Plays events a tenth of a second apart, or later where one says so.
    private func play(
        _ events: [(GuardianState.Event, Duration)], ledger: LedgerState, alive: Bool = true, wallClock: Double = 100
    ) -> [GuardianState.Action] {
        var state = GuardianState(startedAt: start)
        return events.flatMap { event, after in
            state.handle(event, now: start + after, wallClock: wallClock, ledger: ledger) { _ in alive }
        }.filter { if case .welcome = $0 { false } else { true } }
    }

    @Test("a fleet that is not kept ends with its controller's connection")
    func ownerGone() {
        let events: [(GuardianState.Event, Duration)] = [
            (.opened(1), .zero), (.hello(1, owner), .zero), (.tick, .seconds(1)), (.closed(1), .seconds(2)),
        ]
        #expect(play(events.dropLast(), ledger: ledger(isKept: false)).isEmpty)
        #expect(play(events, ledger: ledger(isKept: false)) == [.tearDown])
        #expect(play(events, ledger: ledger(isKept: true)).isEmpty)
        // Kept only once it is whole.
        #expect(play(events, ledger: ledger(isKept: true, isReady: false)) == [.tearDown])
    }

    @Test("another controller's end leaves the fleet, and its faults are healed")
    func guestGone() {
        let events: [(GuardianState.Event, Duration)] = [
            (.opened(1), .zero), (.hello(1, owner), .zero), (.opened(2), .zero), (.hello(2, other), .zero),
            (.closed(2), .seconds(1)),
        ]
        let mine = fault("a", by: owner)
        let its = fault("b", by: other)
        var state = GuardianState(startedAt: start)
        var actions: [GuardianState.Action] = []
        for (event, after) in events {
            actions += state.handle(
                event, now: start + after, wallClock: 0, ledger: ledger(isKept: false, faults: [mine, its])
            ) { $0 == owner || after < .seconds(1) }
        }
        #expect(actions == [.welcome(1), .welcome(2), .heal(its)])
    }

    @Test("a controller that is stopped counts as dead after a while")
    func silent() {
        let hello: [(GuardianState.Event, Duration)] = [(.opened(1), .zero), (.hello(1, owner), .zero)]
        let ticks: [(GuardianState.Event, Duration)] = (1...50).map { (.tick, .milliseconds($0 * 100)) }
        #expect(GuardianState.beatLimit == .seconds(5))
        #expect(play(hello + ticks, ledger: ledger(isKept: false)).isEmpty)
        #expect(play(hello + ticks + [(.tick, .milliseconds(5_100))], ledger: ledger(isKept: false)) == [.tearDown])
        let beat: [(GuardianState.Event, Duration)] = [(.beat(1), .seconds(4)), (.tick, .seconds(8))]
        #expect(play(hello + beat, ledger: ledger(isKept: false)).isEmpty)
    }

    @Test("after a stall of its own the guardian takes nobody's silence for death")
    func stalled() {
        let hello: [(GuardianState.Event, Duration)] = [(.opened(1), .zero), (.hello(1, owner), .zero)]
        #expect(play(hello + [(.tick, .seconds(60)), (.beat(1), .seconds(60))], ledger: ledger(isKept: false)).isEmpty)
    }

    @Test("a look that was due before a controller's hello, and comes after its injection, heals nothing")
    func lateLook() {
        let injected = ledger(isKept: true, faults: [fault("a", by: other)])
        let long = GuardianState.firstLeaseLimit * 3
        #expect(play([(.tick, long), (.opened(1), long), (.hello(1, other), long)], ledger: injected).isEmpty)
        let silent: [(GuardianState.Event, Duration)] = [
            (.tick, long), (.tick, long + GuardianState.firstLeaseLimit + .milliseconds(1)),
        ]
        #expect(play(silent, ledger: injected) == [.heal(fault("a", by: other))])
    }

    @Test("a controller that never comes back to a new guardian is given up, not at once")
    func neverCame() {
        let limit = GuardianState.firstLeaseLimit
        #expect(play([(.tick, limit)], ledger: ledger(isKept: false)).isEmpty)
        #expect(play([(.tick, limit + .milliseconds(1))], ledger: ledger(isKept: false)) == [.tearDown])
    }

    @Test("faults without a controller end at their time; with one that is late, a second after")
    func timeLimits() {
        let tick: [(GuardianState.Event, Duration)] = [(.tick, .zero)]
        let free = fault("a", by: nil, until: 100)
        #expect(play(tick, ledger: ledger(isKept: true, faults: [free]), wallClock: 99.9).isEmpty)
        #expect(play(tick, ledger: ledger(isKept: true, faults: [free]), wallClock: 100) == [.heal(free)])
        let forever = fault("b", by: nil)
        #expect(play(tick, ledger: ledger(isKept: true, faults: [forever])).isEmpty)
        let held = fault("c", by: owner, until: 100)
        let hello: [(GuardianState.Event, Duration)] = [(.opened(1), .zero), (.hello(1, owner), .zero)]
        #expect(play(hello, ledger: ledger(isKept: true, faults: [held]), wallClock: 100.5).isEmpty)
        #expect(play(hello, ledger: ledger(isKept: true, faults: [held]), wallClock: 101).contains(.heal(held)))
    }

    @Test("a fault is healed by one attempt at a time, and again when that did not work")
    func retries() {
        let record = fault("a", by: other)
        let state = ledger(isKept: true, faults: [record])
        #expect(play([(.tick, .zero), (.tick, .seconds(1))], ledger: state, alive: false) == [.heal(record)])
        let again: [(GuardianState.Event, Duration)] = [(.tick, .zero), (.healEnded("a"), .zero)]
        #expect(play(again, ledger: state, alive: false) == [.heal(record), .heal(record)])
    }

    @Test("asked to end, it ends the fleet once")
    func end() {
        #expect(play([(.end, .zero), (.end, .zero)], ledger: ledger(isKept: true)) == [.tearDown])
    }
}
