import Synchronization

/// Hands out process numbers: each does one thing at a time, and one whose operation ended unknown is not used again.
/// At most ``limit`` are out at once, which bounds the outstanding requests.
final class ProcessPool: Sendable {
    let limit: Int
    private let state = Mutex(State())

    private struct State {
        var free: [Int] = []
        var next = 0
        var taken = 0
    }

    init(limit: Int) { self.limit = limit }

    /// Nil when the bound is reached.
    func take() -> Int? {
        state.withLock { state in
            guard state.taken < limit else { return nil }
            state.taken += 1
            if let number = state.free.popLast() { return number }
            state.next += 1
            return state.next - 1
        }
    }

    func giveBack(_ number: Int, isRetired: Bool) {
        state.withLock { state in
            state.taken -= 1
            if !isRetired { state.free.append(number) }
        }
    }

    var taken: Int { state.withLock { $0.taken } }
}
