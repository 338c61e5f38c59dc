import Synchronization

/// The work had not ended at its deadline; it was cancelled and left behind.
public struct DeadlineExceededError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was being done.
    public let what: String

    /// Makes the error.
    public init(what: String) { self.what = what }

    /// Says what took too long.
    public var description: String { "\(what) did not end before its deadline" }
}

/// Does some work, and stops waiting for it at the deadline even when the work does not listen to its cancellation.
///
/// A task group would wait for a deaf child; so the work runs in a task of its own, which is cancelled and left behind.
/// Callers bound how many may be left behind, by a bulkhead or by starting no more while one is.
/// - Throws: ``DeadlineExceededError``, `CancellationError` when the caller is cancelled, else what the work throws.
public func withDeadline<Value: Sendable>(
    _ deadline: ContinuousClock.Instant, _ what: String, time: TimeSource = .live,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = Race<Value>()
    let work = Task {
        do { race.finish(.success(try await body())) } catch { race.finish(.failure(error)) }
    }
    let alarm = Task {
        do { try await time.sleep(deadline) } catch { return }
        race.finish(.failure(DeadlineExceededError(what: what)))
    }
    defer {
        alarm.cancel()
        work.cancel()
    }
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { race.wait($0) }
    } onCancel: {
        race.finish(.failure(CancellationError()))
    }
}

/// Hands the first of several results to one waiter.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case running(CheckedContinuation<Value, any Error>?)
        case finished(Result<Value, any Error>)
        case over
    }

    private let state = Mutex(State.running(nil))

    func wait(_ continuation: CheckedContinuation<Value, any Error>) {
        let early: Result<Value, any Error>? = state.withLock { state in
            if case .finished(let result) = state {
                state = .over
                return result
            }
            state = .running(continuation)
            return nil
        }
        if let early { continuation.resume(with: early) }
    }

    func finish(_ result: Result<Value, any Error>) {
        let waiter: CheckedContinuation<Value, any Error>? = state.withLock { state in
            guard case .running(let waiter) = state else { return nil }
            state = waiter == nil ? .finished(result) : .over
            return waiter
        }
        waiter?.resume(with: result)
    }
}
