import Redis
import Synchronization

/// Whether what is kept in memory is known to be true: up to when every change was told.
///
/// The answer to a ping proves that every change before the ping has been told, since the server answers in order. So
/// memory is vouched for while the last such ping is recent: a server that was stopped and goes on, a link that carries
/// nothing, a Redis that is held up all end it by themselves, without anyone noticing anything.
final class Coherence: Sendable {
    private struct State {
        var isListening = false
        var completeUntil: ContinuousClock.Instant?
    }

    private let memory: MemoryCache
    private let bound: Duration
    private let metrics: CacheMetrics
    private let state = Mutex(State())

    /// - Parameter bound: how old the proof may be.
    init(memory: MemoryCache, bound: Duration, metrics: CacheMetrics) {
        self.memory = memory
        self.bound = bound
        self.metrics = metrics
    }

    /// Whether a change before `now` less the bound would have been told.
    func isVouched(at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in state.completeUntil.map { now - $0 <= bound } ?? false }
    }

    /// Takes in what the channel tells.
    func take(_ event: InvalidationEvent) {
        switch event {
        case .changed(let keys):
            metrics.changesTold.add(keys.count)
            for key in keys { memory.change(CacheKey(key)) }
        case .complete(let until):
            state.withLock { if $0.isListening { $0.completeUntil = until } }
        case .listening:
            // Answers that were sought before it listened may have missed a change.
            memory.beginEra()
            state.withLock { $0.isListening = true }
        case .flushed:
            memory.beginEra()
        case .lost:
            state.withLock { $0 = State() }
            memory.beginEra()
            metrics.coherenceLost.add()
        }
    }
}
