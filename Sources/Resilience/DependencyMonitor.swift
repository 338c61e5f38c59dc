import Synchronization

/// Pings a dependency at a fixed pace and tells its breaker, so that an idle dependency's death is noticed, and its
/// return too.
///
/// With a ping every 200 ms, a deadline of 250 ms and two failures to open, a silent dependency is known within 700 ms:
/// at worst 200 ms until the next ping, then two deadlines.
public final class DependencyMonitor: Sendable {
    /// The pace of the pings.
    public struct Settings: Sendable, Hashable {
        /// From the start of a ping to the start of the next.
        public var interval: Duration
        /// How long a ping may take.
        public var timeout: Duration

        /// Makes settings.
        public init(interval: Duration = .milliseconds(200), timeout: Duration = .milliseconds(250)) {
            self.interval = max(interval, .milliseconds(1))
            self.timeout = max(timeout, .milliseconds(1))
        }
    }

    private let breaker: CircuitBreaker
    private let settings: Settings
    private let time: TimeSource
    private let ping: @Sendable (_ deadline: ContinuousClock.Instant) async throws -> Void
    private let isPinging = Mutex(false)

    /// Makes a monitor; ``run()`` starts it.
    /// - Parameter ping: asks the dependency for a sign of life; throws when there is none.
    public init(
        breaker: CircuitBreaker, settings: Settings = .init(), time: TimeSource = .live,
        ping: @escaping @Sendable (_ deadline: ContinuousClock.Instant) async throws -> Void
    ) {
        self.breaker = breaker
        self.settings = settings
        self.time = time
        self.ping = ping
    }

    /// Pings until its task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let started = time.now()
            await pingOnce(deadline: started + settings.timeout)
            // After a ping that took longer than the interval the next follows at once.
            do { try await time.sleep(started + settings.interval) } catch { return }
        }
    }

    /// Pings once and records the outcome, at the deadline at the latest.
    public func pingOnce(deadline: ContinuousClock.Instant) async {
        let permit = breaker.admitPing()
        // A ping that ignored its deadline still runs: another would only pile up behind it.
        let isBusy = isPinging.withLock { isPinging in
            defer { isPinging = true }
            return isPinging
        }
        if isBusy { return await recordOverdue(permit, deadline) }
        do {
            try await withDeadline(deadline, "a ping of \(breaker.name)", time: time) { [self] in
                defer { isPinging.withLock { $0 = false } }
                try await ping(deadline)
            }
            breaker.record(.success, for: permit)
        } catch {
            breaker.record(error is CancellationError && Task.isCancelled ? .ignored : .failure, for: permit)
        }
    }

    private func recordOverdue(_ permit: CircuitBreakerPermit, _ deadline: ContinuousClock.Instant) async {
        let isCancelled: Bool
        do {
            try await time.sleep(deadline)
            isCancelled = false
        } catch {
            isCancelled = true
        }
        breaker.record(isCancelled ? .ignored : .failure, for: permit)
    }
}
