import Synchronization

/// A clock that moves on a little each time it is read.
final class SteppingClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    func step(by duration: Duration) -> ContinuousClock.Instant {
        instant.withLock { instant in
            instant += duration
            return instant
        }
    }
}
