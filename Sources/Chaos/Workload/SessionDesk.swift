import Synchronization

/// Holds the sessions between their steps: each does one thing at a time, and they take turns.
final class SessionDesk: Sendable {
    private let state: Mutex<State>

    private struct State {
        var sessions: [SessionPlan]
        /// Indices of those that do nothing, the longest idle first.
        var idle: [Int]
    }

    init(_ sessions: [SessionPlan]) {
        state = Mutex(State(sessions: sessions, idle: Array(sessions.indices)))
    }

    /// All of them as they stand.
    var sessions: [SessionPlan] { state.withLock { $0.sessions } }

    /// The next step of the session that has been idle longest; nil when all are busy.
    func take() -> (index: Int, session: SessionPlan, step: SessionPlan.Step)? {
        state.withLock { state in
            guard !state.idle.isEmpty else { return nil }
            let index = state.idle.removeFirst()
            let step = state.sessions[index].next()
            return (index, state.sessions[index], step)
        }
    }

    func giveBack(_ index: Int, _ step: SessionPlan.Step, _ end: SessionPlan.End) {
        state.withLock { state in
            state.sessions[index].ended(step, end)
            state.idle.append(index)
        }
    }
}
